import type { ContentType } from './content-types.ts';

export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'gif';

/** How many leading bytes tell every format. */
export const FORMAT_HEAD_BYTES = 12;

/** What no image format could be told of ("application/octet-stream", RFC 2046, section 4.5.1). */
export const UNKNOWN_CONTENT_TYPE = 'application/octet-stream';

const FORMATS: Record<ImageFormat, { contentType: ContentType; extension: string }> = {
  jpeg: { contentType: 'image/jpeg', extension: '.jpg' },
  png: { contentType: 'image/png', extension: '.png' },
  webp: { contentType: 'image/webp', extension: '.webp' },
  avif: { contentType: 'image/avif', extension: '.avif' },
  gif: { contentType: 'image/gif', extension: '.gif' },
};

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** A still picture, an image sequence (AV1 Image File Format, section 6). */
const AVIF_BRANDS = ['avif', 'avis'];

/**
 * Tells an image's format from its first 12 bytes, the only part of a file that everybody agrees on.
 * What is none of the formats is `unknown`, or with `strict` an error. Throws RangeError for fewer
 * than 12 bytes: nobody can say of them that they are no image.
 */
export function detectFormat(head: Uint8Array, options: { strict: true }): ImageFormat;
export function detectFormat(
  head: Uint8Array,
  options?: { strict?: boolean | undefined },
): ImageFormat | 'unknown';
export function detectFormat(
  head: Uint8Array,
  { strict = false }: { strict?: boolean | undefined } = {},
): ImageFormat | 'unknown' {
  if (head.length < FORMAT_HEAD_BYTES) {
    throw new RangeError(
      `it takes ${FORMAT_HEAD_BYTES} bytes to tell an image format: there are only ${head.length}`,
    );
  }
  const format = formatOf(head);
  if (format === 'unknown' && strict) {
    throw new Error(`the first ${FORMAT_HEAD_BYTES} bytes are of no known image format`);
  }
  return format;
}

function formatOf(head: Uint8Array): ImageFormat | 'unknown' {
  if (head[0] === 0xff && head[1] === 0xd8) return 'jpeg';
  if (PNG_SIGNATURE.every((byte, index) => head[index] === byte)) return 'png';
  const first = ascii(head, 0, 4);
  if (first === 'RIFF' && ascii(head, 8, 12) === 'WEBP') return 'webp';
  if (first === 'GIF8' && ['7a', '9a'].includes(ascii(head, 4, 6))) return 'gif';
  if (ascii(head, 4, 8) === 'ftyp' && AVIF_BRANDS.includes(ascii(head, 8, 12))) return 'avif';
  return 'unknown';
}

export function contentTypeOf(
  format: ImageFormat | 'unknown',
): ContentType | typeof UNKNOWN_CONTENT_TYPE {
  return format === 'unknown' ? UNKNOWN_CONTENT_TYPE : FORMATS[format].contentType;
}

/** With its dot; empty for `unknown`. */
export function extensionOf(format: ImageFormat | 'unknown'): string {
  return format === 'unknown' ? '' : FORMATS[format].extension;
}

/** The content type that the bytes prove. Throws RangeError for fewer than 12 bytes. */
export function detectContentType(head: Uint8Array): ContentType | typeof UNKNOWN_CONTENT_TYPE {
  return contentTypeOf(detectFormat(head));
}

/**
 * Whether a file's name ends as its bytes demand, in whatever case; `.jpeg` is as good as `.jpg`.
 * Bytes of no known format demand no extension. Throws RangeError for fewer than 12 bytes.
 */
export function extensionMatches(name: string, bytes: Uint8Array): boolean {
  const extension = splitName(name).extension.toLowerCase();
  return (extension === '.jpeg' ? '.jpg' : extension) === extensionOf(detectFormat(bytes));
}

/**
 * The name with the extension that its bytes demand in place of its last one; folders are kept. A
 * name that matches already stays as it is, and so does that of an unknown format: its extension may
 * be right, for all that the bytes tell. Throws RangeError for fewer than 12 bytes.
 */
export function fixExtension(name: string, bytes: Uint8Array): string {
  const format = detectFormat(bytes);
  const { base } = splitName(name);
  const namesNothing = base === '' || base.endsWith('/');
  if (format === 'unknown' || namesNothing || extensionMatches(name, bytes)) return name;
  return `${base}${extensionOf(format)}`;
}

/**
 * Parts a name, or path, before the last dot of its last segment. A dot that a segment begins with
 * makes a hidden file, not an extension; one at its end stands for an empty extension.
 */
export function splitName(name: string): { base: string; extension: string } {
  const start = name.lastIndexOf('/') + 1;
  const dot = name.lastIndexOf('.');
  if (dot <= start) return { base: name, extension: '' };
  return { base: name.slice(0, dot), extension: name.slice(dot) };
}

function ascii(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}
