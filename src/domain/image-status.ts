export type ImageStatus = 'pending' | 'ready' | 'failed';

/** Why an upload was refused, each with the words that a caller gets to read. */
export const FAILURE_REASONS = {
  SIZE_EXCEEDED: 'the file is larger than allowed',
  EMPTY: 'the file is empty',
  CONTENT_TYPE_MISMATCH: 'the file is not of the declared content type',
  UNDECODABLE: 'the file cannot be decoded as an image',
  DIMENSIONS_EXCEEDED: 'the picture has more pixels or frames than allowed',
  OBJECT_MISSING: 'the uploaded file is gone',
  NEVER_UPLOADED: 'nothing was uploaded in time',
} as const;

export type FailureReason = keyof typeof FAILURE_REASONS;
