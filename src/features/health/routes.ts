import { Router } from 'express';
import { methodNotAllowed } from '../../shared/http.ts';
import type { CheckReadiness } from './readiness.ts';

/**
 * Liveness: the process answers, and does what it is there for. Readiness: what it needs answers.
 *
 * @param isAlive false when nothing but a restart helps
 */
export function makeHealthRoutes(
  checkReadiness: CheckReadiness,
  isAlive: () => boolean = () => true,
): Router {
  const router = Router();
  // The second path is a misspelling that was documented once and is called ever since.
  router
    .route(['/liveness', '/lieveness'])
    .get((_request, response) => {
      if (isAlive()) {
        response.json({ status: 'ok' });
        return;
      }
      response.status(503).json({
        status: 'unavailable',
        message: 'not alive: work has come to a standstill',
        code: 'NOT_ALIVE',
      });
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
