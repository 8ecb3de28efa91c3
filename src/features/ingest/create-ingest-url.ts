import { DomainError } from '../../domain/domain-error.ts';
import type { ImageRecord } from '../../shared/image-records.ts';
import type { PresignedUpload, Presigner } from '../../shared/object-store/presigner.ts';
import {
  checkDeclaredFile,
  type DeclaredFile,
  insertPendingImage,
  type PendingImageDeps,
} from './pending-image.ts';

export interface IngestUrlInput extends DeclaredFile {
  /** The exact size in bytes; signed when given. */
  contentLength?: number | undefined;
  /** Makes the URL good for one upload only. */
  overwriteProtected?: boolean | undefined;
}

export interface IngestUrl {
  image: ImageRecord;
  upload: PresignedUpload;
}

export interface CreateIngestUrlDeps extends PendingImageDeps {
  objects: Pick<Presigner, 'presignUpload'>;
  maxSizeBytes: number;
  expiresInSeconds: number;
}

export type CreateIngestUrl = (input: IngestUrlInput) => Promise<IngestUrl>;

/**
 * Stores a pending image and hands out the URL for its upload. Throws DomainError
 * ("UNSUPPORTED_CONTENT_TYPE", "INVALID_FILE_NAME", "INVALID_CONTENT_LENGTH").
 */
export function makeCreateIngestUrl(deps: CreateIngestUrlDeps): CreateIngestUrl {
  return async ({ contentLength, overwriteProtected, ...declared }) => {
    const file = checkDeclaredFile(declared);
    assertContentLength(contentLength, deps.maxSizeBytes);

    const image = await insertPendingImage(deps, file);
    const upload = await deps.objects.presignUpload({
      key: image.objectKey,
      contentType: image.contentType,
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
