import { CONTENT_TYPES, isContentType } from '../../domain/content-types.ts';
import { DomainError } from '../../domain/domain-error.ts';
import { assertFileName } from '../../domain/file-name.ts';
import type { ImageId } from '../../domain/image-id.ts';
import { ingestKey } from '../../domain/object-keys.ts';
import type { ImageRecord, ImageRecords } from '../../shared/image-records.ts';
import type { ObjectStore, PresignedUpload } from '../../shared/object-store.ts';

export interface IngestUrlInput {
  contentType: string;
  fileName: string;
  /** The exact size in bytes; signed when given. */
  contentLength?: number | undefined;
  /** Makes the URL good for one upload only. */
  overwriteProtected?: boolean | undefined;
}

export interface IngestUrl {
  image: ImageRecord;
  upload: PresignedUpload;
}

export interface CreateIngestUrlDeps {
  records: Pick<ImageRecords, 'insert'>;
  objects: Pick<ObjectStore, 'presignUpload'>;
  newImageId: () => ImageId;
  maxSizeBytes: number;
  expiresInSeconds: number;
}

export type CreateIngestUrl = (input: IngestUrlInput) => Promise<IngestUrl>;

/**
 * Stores a pending image and hands out the URL for its upload. Throws DomainError
 * ("UNSUPPORTED_CONTENT_TYPE", "INVALID_FILE_NAME", "INVALID_CONTENT_LENGTH").
 */
export function makeCreateIngestUrl(deps: CreateIngestUrlDeps): CreateIngestUrl {
  return async ({ contentType, fileName, contentLength, overwriteProtected }) => {
    if (!isContentType(contentType)) {
      throw new DomainError(
        'UNSUPPORTED_CONTENT_TYPE',
        `unsupported content type: must be exactly one of ${CONTENT_TYPES.join(', ')}`,
        'contentType',
      );
    }
    assertFileName(fileName);
    assertContentLength(contentLength, deps.maxSizeBytes);

    const id = deps.newImageId();
    const objectKey = ingestKey(id);
    // The record comes first: an upload without a record could not be told from garbage.
    const image = await deps.records.insert({ id, contentType, fileName, objectKey });
    const upload = await deps.objects.presignUpload({
      key: objectKey,
      contentType,
      contentLength,
      onlyOnce: overwriteProtected,
      expiresInSeconds: deps.expiresInSeconds,
    });
    return { image, upload };
  };
}

function assertContentLength(contentLength: number | undefined, maxSizeBytes: number): void {
  if (contentLength === undefined) return;
  if (Number.isInteger(contentLength) && contentLength >= 1 && contentLength <= maxSizeBytes)
    return;
  throw new DomainError(
    'INVALID_CONTENT_LENGTH',
    `content length must be a whole number of bytes from 1 to ${maxSizeBytes}`,
    'contentLength',
  );
}
