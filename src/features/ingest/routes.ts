import { Router } from 'express';
import { z } from 'zod';
import {
  jsonBody,
  methodNotAllowed,
  parseBody,
  sendJson,
  wholeSeconds,
} from '../../shared/http.ts';
import type { CreateIngestUrl } from './create-ingest-url.ts';

const required = (issue: { input?: unknown }) =>
  issue.input === undefined ? 'is missing' : 'must be a string';

const bodySchema = z.object(
  { content_type: z.string({ error: required }), file_name: z.string({ error: required }) },
  { error: 'the request body must be a JSON object with content_type and file_name' },
);

/** `POST .../create-presigned-url` */
export function makeIngestRoutes(createIngestUrl: CreateIngestUrl): Router {
  const router = Router();
  router
    .route('/create-presigned-url')
    .post(jsonBody, async (request, response) => {
      const body = parseBody(bodySchema, request.body);
      const { image, upload } = await createIngestUrl({
        contentType: body.content_type,
        fileName: body.file_name,
      });
      sendJson(response, 201, {
        image_id: image.id,
        upload_url: upload.url,
        expires_at: wholeSeconds(upload.expiresAt),
      });
    })
    .all(methodNotAllowed('POST'));
  return router;
}
