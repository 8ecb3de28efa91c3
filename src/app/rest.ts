import { type RequestHandler, Router } from 'express';
import { type AuditRouteDeps, makeAuditRoutes } from '../features/audit/routes.ts';
import type { DeleteImages } from '../features/deletion/delete-images.ts';
import { makeDeletionRoutes } from '../features/deletion/routes.ts';
import type { CheckReadiness } from '../features/health/readiness.ts';
import { makeHealthRoutes } from '../features/health/routes.ts';
import type { CreateIngestUrl } from '../features/ingest/create-ingest-url.ts';
import { makeIngestRoutes } from '../features/ingest/routes.ts';
import { makeServeRoutes, type ServeRouteDeps } from '../features/serve/routes.ts';
import { makeWishlistRoutes, type WishlistRouteDeps } from '../features/wishlist/routes.ts';
import { errorResponder, routeNotFound } from './http-middleware.ts';

export interface RestDeps {
  wishlist: WishlistRouteDeps;
  audit: AuditRouteDeps;
  createIngestUrl: CreateIngestUrl;
  deleteImages: DeleteImages;
  serve: ServeRouteDeps;
  checkReadiness: CheckReadiness;
  /** The gallery's page; null where it is off. */
  galleryPage: Router | null;
}

/** The REST interface: every path below `/api`, and the page; errors as `{message, code}`. */
export function makeRest(deps: RestDeps): Router {
  const router = Router();
  router.use('/api/health', makeHealthRoutes(deps.checkReadiness));
  // Each has the path it was documented with first, and a second one after the vocabulary.
  router.use(
    ['/api/image/v1/ingest', '/api/image/v1/upload'],
    makeIngestRoutes(deps.createIngestUrl),
  );
  router.use(['/api/image/v1/serve', '/api/image/v1/download'], makeServeRoutes(deps.serve));
  router.use('/api/v1/admin/migrate-image-formats', makeAuditRoutes(deps.audit));
  router.use('/api/wishlist', makeWishlistRoutes(deps.wishlist));
  router.use('/api/image/v1', exceptFamilies(makeDeletionRoutes(deps.deleteImages)));
  if (deps.galleryPage) router.use(deps.galleryPage);
  router.use(routeNotFound);
  router.use(errorResponder(({ message, code }) => ({ message, code })));
  return router;
}

/** First segments of other paths, none of which is an image's id. */
const FAMILIES = /^\/(ingest|upload|serve|download)(\/|$)/i;

function exceptFamilies(router: Router): RequestHandler {
  return (request, response, next) => {
    if (FAMILIES.test(request.path)) next();
    else router(request, response, next);
  };
}
