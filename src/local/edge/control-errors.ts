/** CloudFront API Reference, "CreateInvalidation" and "Common Errors". */
const STATUSES = {
  AccessDenied: 403,
  BatchTooLarge: 413,
  IncompleteSignature: 400,
  InconsistentQuantities: 400,
  InternalFailure: 500,
  InvalidArgument: 400,
  InvalidClientTokenId: 403,
  InvalidationBatchAlreadyExists: 409,
  MalformedInput: 400,
  MissingAuthenticationToken: 403,
  MissingBody: 400,
  NoSuchDistribution: 404,
  NotImplemented: 501,
  SignatureDoesNotMatch: 403,
  TooManyInvalidationsInProgress: 400,
} as const;

export type ControlErrorCode = keyof typeof STATUSES;

/** A refusal in CloudFront's terms. */
export class ControlError extends Error {
  override readonly name = 'ControlError';
  readonly code: ControlErrorCode;
  readonly status: number;

  constructor(code: ControlErrorCode, message: string) {
    super(message);
    this.code = code;
    this.status = STATUSES[code];
  }
}
