import { Router } from 'express';
import { z } from 'zod';
import {
  jsonBody,
  methodNotAllowed,
  parseBody,
  sendJson,
  wholeSeconds,
} from '../../shared/http.ts';
import type { GetSignedUrl, GetSignedUrls, SignedImage } from './get-signed-urls.ts';

const bodySchema = z.object(
  {
    image_ids: z.array(z.string({ error: 'must be a string' }), {
      error: ({ input }) => (input === undefined ? 'is missing' : 'must be an array of strings'),
    }),
  },
  { error: 'the request body must be a JSON object with image_ids' },
);

export interface ServeRouteDeps {
  getSignedUrl: GetSignedUrl;
  getSignedUrls: GetSignedUrls;
}

/** `GET .../get-signed-url/{image_id}` and `POST .../get-signed-urls` */
export function makeServeRoutes({ getSignedUrl, getSignedUrls }: ServeRouteDeps): Router {
  const router = Router();
  router
    .route('/get-signed-url/:imageId')
    .get(async (request, response) => {
      sendJson(response, 200, toJson(await getSignedUrl(request.params.imageId)));
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  router
    .route('/get-signed-urls')
    .post(jsonBody, async (request, response) => {
      const { image_ids: ids } = parseBody(bodySchema, request.body);
      const { items, notFound } = await getSignedUrls(ids);
      sendJson(response, 200, { items: items.map(toJson), not_found: notFound });
    })
    .all(methodNotAllowed('POST'));
  return router;
}

function toJson({ id, access }: SignedImage) {
  return {
    image_id: id,
    download_url: access.downloadUrl,
    expires_at: wholeSeconds(access.expiresAt),
  };
}
