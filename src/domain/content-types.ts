import { DomainError } from './domain-error.ts';

/** The content types that are taken in, matched exactly: no wildcard, parameter or other case. */
export const CONTENT_TYPES = [
  'image/jpeg',
  'image/png',
  'image/webp',
  'image/avif',
  'image/gif',
] as const;

export type ContentType = (typeof CONTENT_TYPES)[number];

export function isContentType(text: string): text is ContentType {
  return (CONTENT_TYPES as readonly string[]).includes(text);
}

/** Throws DomainError("UNSUPPORTED_CONTENT_TYPE"), which names `field`. */
export function assertContentType(
  text: string,
  field = 'contentType',
): asserts text is ContentType {
  if (isContentType(text)) return;
  throw new DomainError(
    'UNSUPPORTED_CONTENT_TYPE',
    `unsupported content type: must be exactly one of ${CONTENT_TYPES.join(', ')}`,
    field,
  );
}
