import type { ImageId } from '../../src/domain/image-id.ts';
import type { ImageRecord } from '../../src/shared/image-records.ts';

/** A ready record for unit tests; `overrides` win. */
export function imageRecord(overrides: Partial<ImageRecord> = {}): ImageRecord {
  const id = overrides.id ?? ('01ARZ3NDEKTSV4RRFFQ69G5FAV' as ImageId);
  return {
    id,
    status: 'ready',
    contentType: 'image/png',
    fileName: 'cat.png',
    sizeBytes: null,
    objectKey: `ingest/${id}`,
    createdAt: new Date(0),
    updatedAt: new Date(0),
    versionId: null,
    etag: null,
    width: null,
    height: null,
    thumbhash: null,
    failureReason: null,
    thumbnailVersionId: null,
    ...overrides,
  };
}
