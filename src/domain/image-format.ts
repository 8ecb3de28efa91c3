import type { ContentType } from './content-types.ts';

export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'gif';

/** How many leading bytes tell every format. */
export const FORMAT_HEAD_BYTES = 12;

const CONTENT_TYPE_OF: Record<ImageFormat, ContentType> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  avif: 'image/avif',
  gif: 'image/gif',
};

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** A still picture, an image sequence (AV1 Image File Format, section 6). */
const AVIF_BRANDS = ['avif', 'avis'];

/**
 * Tells an image's format from its first 12 bytes, the only part of a file that everybody agrees on.
 * Returns 'unknown' for anything else, shorter inputs included.
 */
export function detectFormat(head: Uint8Array): ImageFormat | 'unknown' {
  if (head.length < FORMAT_HEAD_BYTES) return 'unknown';
  if (head[0] === 0xff && head[1] === 0xd8) return 'jpeg';
  if (PNG_SIGNATURE.every((byte, index) => head[index] === byte)) return 'png';
  const first = ascii(head, 0, 4);
  if (first === 'RIFF' && ascii(head, 8, 12) === 'WEBP') return 'webp';
  if (first === 'GIF8' && ['7a', '9a'].includes(ascii(head, 4, 6))) return 'gif';
  if (ascii(head, 4, 8) === 'ftyp' && AVIF_BRANDS.includes(ascii(head, 8, 12))) return 'avif';
  return 'unknown';
}

/** The content type that the bytes prove, or 'unknown'. */
export function detectContentType(head: Uint8Array): ContentType | 'unknown' {
  const format = detectFormat(head);
  return format === 'unknown' ? 'unknown' : CONTENT_TYPE_OF[format];
}

function ascii(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}
