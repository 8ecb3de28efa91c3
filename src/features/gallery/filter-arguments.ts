import { assertContentType } from '../../domain/content-types.ts';
import { DomainError } from '../../domain/domain-error.ts';
import { fileNameProblem } from '../../domain/file-name.ts';
import type { ImageStatus } from '../../domain/image-status.ts';
import type { ImageFilter } from '../../shared/image-records/listing.ts';

/** As they come from the caller: null is the same as not given. */
export interface FilterArguments {
  status?: ImageStatus | null | undefined;
  contentType?: string | null | undefined;
  createdAfter?: Date | null | undefined;
  createdBefore?: Date | null | undefined;
  fileNameContains?: string | null | undefined;
}

/**
 * Times between which nothing can have been created are not refused: the page is empty. Throws
 * DomainError("UNSUPPORTED_CONTENT_TYPE", "INVALID_FILTER").
 */
export function checkFilterArguments(filter: FilterArguments | null | undefined): ImageFilter {
  const { status, contentType, createdAfter, createdBefore, fileNameContains } = filter ?? {};
  return {
    status: status ?? null,
    contentType: contentType == null ? null : checkContentType(contentType),
    createdAfter: createdAfter ?? null,
    createdBefore: createdBefore ?? null,
    fileNameContains: fileNameContains == null ? null : checkPart(fileNameContains),
  };
}

function checkContentType(contentType: string) {
  assertContentType(contentType, 'filter.contentType');
  return contentType;
}

/** What no file name can have is refused: whoever asks for it has made a mistake. */
function checkPart(part: string): string {
  const problem = fileNameProblem(part);
  if (problem === null) return part;
  const message = `fileNameContains ${problem}`;
  throw new DomainError('INVALID_FILTER', message, 'filter.fileNameContains');
}
