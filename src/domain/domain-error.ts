/** Every way in which a request can be refused. `app/errors.ts` says what each becomes on the wire. */
export type DomainErrorCode =
  | 'UNSUPPORTED_CONTENT_TYPE'
  | 'INVALID_FILE_NAME'
  | 'INVALID_CONTENT_LENGTH'
  | 'INVALID_REQUEST'
  | 'EMPTY_ID_LIST'
  | 'TOO_MANY_IDS'
  | 'INVALID_PAGE_ARGUMENTS'
  | 'INVALID_CURSOR'
  | 'INVALID_FILTER'
  | 'IMAGE_NOT_FOUND'
  | 'IMAGE_NOT_AVAILABLE'
  | 'IMAGE_FAILED'
  | 'MALFORMED_EVENT'
  | 'UNKNOWN_RECORD'
  | 'UNAUTHENTICATED'
  | 'INVALID_TITLE'
  | 'INVALID_IMAGE_KEY'
  | 'INVALID_IMAGE_URL'
  | 'CONFLICTING_IMAGES'
  | 'WISHLIST_ITEM_NOT_FOUND'
  | 'FORBIDDEN'
  | 'INVALID_AUDIT'
  | 'AUDIT_JOB_ACTIVE'
  | 'AUDIT_NOT_PREPARED'
  | 'AUDIT_JOB_NOT_FOUND'
  | 'AUDIT_JOB_ENDED';

/** A refusal that the caller can understand and act on. Its message is shown to the caller. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: DomainErrorCode;
  /** The input field at fault, in the vocabulary's camelCase (`contentType`); transports rename it. */
  readonly field: string | undefined;

  constructor(code: DomainErrorCode, message: string, field?: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}
