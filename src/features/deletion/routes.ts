import { Router } from 'express';
import { DomainError } from '../../domain/domain-error.ts';
import { methodNotAllowed } from '../../shared/http.ts';
import { contextOf } from '../../shared/request-context.ts';
import type { DeleteImages } from './delete-images.ts';

/** `DELETE /{image_id}` */
export function makeDeletionRoutes(deleteImages: DeleteImages): Router {
  const router = Router();
  router
    .route('/:imageId')
    .delete(async (request, response) => {
      const { logger } = contextOf(response);
      const { deleted } = await deleteImages([request.params.imageId], logger);
      if (deleted.length === 0) throw new DomainError('IMAGE_NOT_FOUND', 'image not found');
      response.status(204).end();
    })
    .all(methodNotAllowed('DELETE'));
  return router;
}
