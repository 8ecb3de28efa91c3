import { Router } from 'express';
import type { CheckReadiness } from '../features/health/readiness.ts';
import { makeHealthRoutes } from '../features/health/routes.ts';
import type { CreateIngestUrl } from '../features/ingest/create-ingest-url.ts';
import { makeIngestRoutes } from '../features/ingest/routes.ts';
import { makeServeRoutes } from '../features/serve/routes.ts';
import { errorResponder, routeNotFound } from './http-middleware.ts';

export interface RestDeps {
  createIngestUrl: CreateIngestUrl;
  checkReadiness: CheckReadiness;
}

/** The REST interface: every path below `/api`, errors as `{message, code}`. */
export function makeRest(deps: RestDeps): Router {
  const router = Router();
  router.use('/api/health', makeHealthRoutes(deps.checkReadiness));
  // Each has the path it was documented with first, and a second one after the vocabulary.
  router.use(
    ['/api/image/v1/ingest', '/api/image/v1/upload'],
    makeIngestRoutes(deps.createIngestUrl),
  );
  router.use(['/api/image/v1/serve', '/api/image/v1/download'], makeServeRoutes());
  router.use(routeNotFound);
  router.use(errorResponder(({ message, code }) => ({ message, code })));
  return router;
}
