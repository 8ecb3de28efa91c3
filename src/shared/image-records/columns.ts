import { Prisma } from '../../generated/prisma/client.ts';

/** All columns of `image_records`, under the names that Prisma gives them. */
export const IMAGE_COLUMNS = Prisma.sql`
  id, status, content_type AS "contentType", file_name AS "fileName", size_bytes AS "sizeBytes",
  object_key AS "objectKey", created_at AS "createdAt", updated_at AS "updatedAt",
  version_id AS "versionId", etag, width, height, thumbhash, failure_reason AS "failureReason",
  thumbnail_version_id AS "thumbnailVersionId"`;
