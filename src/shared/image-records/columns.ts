import { Prisma } from '../../generated/prisma/client.ts';

/** All columns of `image_records`, under the names that Prisma gives them. */
export const IMAGE_COLUMNS = Prisma.raw(columns((name) => name));

/**
 * The same for the driver, with times in milliseconds since 1970: it takes a number for a tenth of what
 * it takes to read a date from text.
 */
export const IMAGE_COLUMNS_FOR_DRIVER = columns((name) => `date_part('epoch', ${name}) * 1000`);

function columns(time: (name: string) => string): string {
  return `
    id, status, content_type AS "contentType", file_name AS "fileName", size_bytes AS "sizeBytes",
    object_key AS "objectKey", ${time('created_at')} AS "createdAt", ${time('updated_at')} AS "updatedAt",
    version_id AS "versionId", etag, width, height, thumbhash, failure_reason AS "failureReason",
    thumbnail_version_id AS "thumbnailVersionId"`;
}
