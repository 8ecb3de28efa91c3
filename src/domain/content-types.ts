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
