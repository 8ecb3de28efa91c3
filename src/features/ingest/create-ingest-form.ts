import type { ImageRecord } from '../../shared/image-records.ts';
import type { PresignedForm, Presigner } from '../../shared/object-store/presigner.ts';
import {
  checkDeclaredFile,
  type DeclaredFile,
  insertPendingImage,
  type PendingImageDeps,
} from './pending-image.ts';

export interface IngestForm {
  image: ImageRecord;
  form: PresignedForm;
  /** The largest file that the form takes, in bytes. */
  maxSizeBytes: number;
}

export interface CreateIngestFormDeps extends PendingImageDeps {
  objects: Pick<Presigner, 'presignForm'>;
  maxSizeBytes: number;
  expiresInSeconds: number;
}

export type CreateIngestForm = (file: DeclaredFile) => Promise<IngestForm>;

/**
 * Stores a pending image and hands out the form for its upload, with which S3 itself refuses a file
 * that is empty or too large. Throws DomainError("UNSUPPORTED_CONTENT_TYPE", "INVALID_FILE_NAME").
 */
export function makeCreateIngestForm(deps: CreateIngestFormDeps): CreateIngestForm {
  const { maxSizeBytes, expiresInSeconds } = deps;
  return async (file) => {
    const image = await insertPendingImage(deps, checkDeclaredFile(file));
    const form = await deps.objects.presignForm({
      key: image.objectKey,
      contentType: image.contentType,
      maxSizeBytes,
      expiresInSeconds,
    });
    return { image, form, maxSizeBytes };
  };
}
