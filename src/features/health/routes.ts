import { Router } from 'express';
import { methodNotAllowed } from '../../shared/http.ts';
import type { CheckReadiness } from './readiness.ts';

/** Liveness: the process answers. Readiness: so does what it needs. */
export function makeHealthRoutes(checkReadiness: CheckReadiness): Router {
  const router = Router();
  // The second path is a misspelling that was documented once and is called ever since.
  router
    .route(['/liveness', '/lieveness'])
    .get((_request, response) => {
      response.json({ status: 'ok' });
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  router
    .route('/readiness')
    .get(async (_request, response) => {
      const { down } = await checkReadiness();
      if (down.length === 0) {
        response.json({ status: 'ok' });
        return;
      }
      response.status(503).json({
        status: 'unavailable',
        message: `not ready: ${down.join(', ')} down`,
        code: 'NOT_READY',
        down,
      });
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  return router;
}
