import type { FailureReason, GalleryImage } from './model.ts';

const TYPE_NAMES: Readonly<Record<string, string>> = {
  'image/jpeg': 'JPEG',
  'image/png': 'PNG',
  'image/webp': 'WebP',
  'image/avif': 'AVIF',
  'image/gif': 'GIF',
};

/** `JPEG` for `image/jpeg`; the content type itself where it has no name. */
export function typeName(contentType: string): string {
  return TYPE_NAMES[contentType] ?? contentType;
}

/** Why the service refused a picture, for people: what is wrong, and what to do where it helps. */
export const FAILURE_WORDS: Readonly<Record<FailureReason, (type: string) => string>> = {
  SIZE_EXCEEDED: () => 'This file is too large.',
  EMPTY: () => 'This file is empty.',
  CONTENT_TYPE_MISMATCH: (type) => `This file is not the ${type} picture it says it is.`,
  UNDECODABLE: (type) => `This ${type} file is damaged: the picture in it cannot be opened.`,
  DIMENSIONS_EXCEEDED: () => 'This picture has too many pixels. Make it smaller and try again.',
  OBJECT_MISSING: () => 'The file was gone before it could be checked. Upload it again.',
  NEVER_UPLOADED: () => 'The upload was never finished. Upload the file again.',
};

/** The words for a FAILED image; null for any other. */
export function failureWords(
  image: Pick<GalleryImage, 'status' | 'failureReason' | 'contentType'>,
): string | null {
  if (image.status !== 'FAILED') return null;
  if (image.failureReason === null) return 'This picture could not be taken in.';
  return FAILURE_WORDS[image.failureReason](typeName(image.contentType));
}
