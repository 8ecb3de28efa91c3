import { assertContentType, type ContentType } from '../../domain/content-types.ts';
import { assertFileName } from '../../domain/file-name.ts';
import type { ImageId } from '../../domain/image-id.ts';
import { ingestKey } from '../../domain/object-keys.ts';
import type { ImageRecord, ImageRecords } from '../../shared/image-records.ts';

/** What a client says about the file before anybody has seen it. */
export interface DeclaredFile {
  contentType: string;
  fileName: string;
}

export interface CheckedFile extends DeclaredFile {
  contentType: ContentType;
}

/** Throws DomainError("UNSUPPORTED_CONTENT_TYPE", "INVALID_FILE_NAME"). */
export function checkDeclaredFile({ contentType, fileName }: DeclaredFile): CheckedFile {
  assertContentType(contentType);
  assertFileName(fileName);
  return { contentType, fileName };
}

export interface PendingImageDeps {
  records: Pick<ImageRecords, 'insert'>;
  newImageId: () => ImageId;
}

/**
 * Stores the record of an image whose upload is to be signed. It comes before the signature: an
 * upload without a record could not be told from garbage.
 */
export function insertPendingImage(
  { records, newImageId }: PendingImageDeps,
  file: CheckedFile,
): Promise<ImageRecord> {
  const id = newImageId();
  return records.insert({ ...file, id, objectKey: ingestKey(id) });
}
