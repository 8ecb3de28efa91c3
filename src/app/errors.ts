import { DomainError, type DomainErrorCode } from '../domain/domain-error.ts';
import { isPoolExhausted } from '../shared/database.ts';
import { HttpError } from '../shared/http.ts';
import { overloadedError } from '../shared/overload.ts';

interface Meaning {
  /** The status over HTTP. Over GraphQL the code itself is `extensions.code`. */
  httpStatus: number;
  /** What happens to a queue message whose handling ends so. */
  delivery: 'retry' | 'dead-letter';
}

const REFUSED: Meaning = { httpStatus: 400, delivery: 'retry' };
const NOT_FOUND: Meaning = { httpStatus: 404, delivery: 'retry' };
const CONFLICT: Meaning = { httpStatus: 409, delivery: 'retry' };

/** What each refusal becomes on every way out of the service. */
const MEANINGS: Record<DomainErrorCode, Meaning> = {
  UNSUPPORTED_CONTENT_TYPE: REFUSED,
  INVALID_FILE_NAME: REFUSED,
  INVALID_CONTENT_LENGTH: REFUSED,
  INVALID_REQUEST: REFUSED,
  EMPTY_ID_LIST: REFUSED,
  TOO_MANY_IDS: REFUSED,
  INVALID_PAGE_ARGUMENTS: REFUSED,
  INVALID_CURSOR: REFUSED,
  INVALID_FILTER: REFUSED,
  IMAGE_NOT_FOUND: NOT_FOUND,
  IMAGE_NOT_AVAILABLE: NOT_FOUND,
  IMAGE_FAILED: NOT_FOUND,
  UNAUTHENTICATED: { httpStatus: 401, delivery: 'retry' },
  INVALID_TITLE: REFUSED,
  INVALID_IMAGE_KEY: REFUSED,
  INVALID_IMAGE_URL: REFUSED,
  CONFLICTING_IMAGES: REFUSED,
  WISHLIST_ITEM_NOT_FOUND: NOT_FOUND,
  FORBIDDEN: { httpStatus: 403, delivery: 'retry' },
  INVALID_AUDIT: REFUSED,
  AUDIT_JOB_ACTIVE: CONFLICT,
  AUDIT_NOT_PREPARED: CONFLICT,
  AUDIT_JOB_NOT_FOUND: NOT_FOUND,
  AUDIT_JOB_ENDED: CONFLICT,
  // The record may be on its way, or was lost: try again, then let an operator look.
  UNKNOWN_RECORD: NOT_FOUND,
  // No number of tries makes sense of it.
  MALFORMED_EVENT: { httpStatus: 400, delivery: 'dead-letter' },
};

/** Whether a queue message is to be tried again. Faults of the surroundings always are. */
export function deliveryAfter(error: unknown): Meaning['delivery'] {
  return error instanceof DomainError ? MEANINGS[error.code].delivery : 'retry';
}

/** The status and body of an error over HTTP; a fault inside tells nothing about itself. */
export function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof DomainError) {
    return new HttpError(MEANINGS[error.code].httpStatus, error.code, error.message);
  }
  if (isPoolExhausted(error)) return overloadedError();
  return fromHttpLibrary(error) ?? new HttpError(500, 'INTERNAL_ERROR', 'internal error');
}

/** Errors of Express and its body parser, by their documented `type` and `status`. */
function fromHttpLibrary(error: unknown): HttpError | undefined {
  if (!(error instanceof Error)) return undefined;
  switch ('type' in error && error.type) {
    case 'entity.parse.failed':
      return new HttpError(400, 'MALFORMED_JSON', 'the request body is not valid JSON');
    case 'entity.too.large':
      return new HttpError(413, 'PAYLOAD_TOO_LARGE', 'the request body is too large');
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new HttpError(415, 'UNSUPPORTED_ENCODING', 'the request body must be JSON in UTF-8');
    case 'request.aborted':
    case 'request.size.invalid':
      return new HttpError(400, 'INCOMPLETE_BODY', 'the request body ended early');
  }
  if (error instanceof URIError) {
    return new HttpError(400, 'MALFORMED_URL', 'the URL is not valid percent-encoded UTF-8');
  }
  // What the body parser blames on the caller without a type of its own, such as broken gzip.
  if ('status' in error && error.status === 400 && 'expose' in error && error.expose) {
    return new HttpError(400, 'UNREADABLE_BODY', 'the request body cannot be read');
  }
  return undefined;
}
