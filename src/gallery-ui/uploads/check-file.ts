/** What a file is uploaded as, or why it cannot be, in words for a person. */
export type CheckedFile = { contentType: string } | { problem: string };

const TYPES = ['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/gif'];
const SUPPORTED = 'JPEG, PNG, WebP, AVIF and GIF are';

/** Other names under which some systems know the types. */
const ALIASES: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'image/x-png': 'image/png',
};

/** For the files of which the system does not know the type. */
const BY_EXTENSION: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  avif: 'image/avif',
  gif: 'image/gif',
  heic: 'image/heic',
  heif: 'image/heif',
};

const REFUSED: readonly [pattern: RegExp, words: string][] = [
  [/^image\/hei[cf]/, 'HEIC pictures are'],
  [/^image\/svg/, 'SVG drawings are'],
  [/^image\/tiff/, 'TIFF pictures are'],
  [/^image\/(x-ms-)?bmp/, 'BMP pictures are'],
  [/^image\//, 'Pictures of this type are'],
  [/^video\//, 'Videos are'],
  [/^application\/pdf/, 'PDF documents are'],
];

/** Looks at what the browser says of a file, so that what cannot work need not be uploaded first. */
export function checkFile({ name, type, size }: Pick<File, 'name' | 'type' | 'size'>): CheckedFile {
  const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  const told = type.toLowerCase();
  const contentType = ALIASES[told] ?? (told || (BY_EXTENSION[extension] ?? ''));
  if (!TYPES.includes(contentType)) {
    const what = REFUSED.find(([pattern]) => pattern.test(contentType))?.[1];
    return { problem: `${what ?? 'Files of this type are'} not supported; ${SUPPORTED}.` };
  }
  if (size === 0) return { problem: 'This file is empty.' };
  return { contentType };
}

const MAX_NAME_CHARACTERS = 255;

/** A name that the service takes: what it does not take of it is left out. */
export function uploadName(name: string): string {
  const printable = [...name.toWellFormed().replace(/\p{Cc}/gu, '')];
  if (printable.length === 0) return 'picture';
  if (printable.length <= MAX_NAME_CHARACTERS) return printable.join('');
  const extension = [...(/\.[^.]{1,10}$/u.exec(name)?.[0] ?? '')];
  return [...printable.slice(0, MAX_NAME_CHARACTERS - extension.length), ...extension].join('');
}

/** `1.5 MB`; in steps of 1024, cut off, so that what is said of a limit fits into it. */
function sizeWords(bytes: number): string {
  const MB = 1024 * 1024;
  if (bytes >= MB) return `${Math.floor((bytes / MB) * 10) / 10} MB`;
  if (bytes >= 1024) return `${Math.floor(bytes / 1024)} KB`;
  return `${bytes} bytes`;
}

export function tooLargeWords(maxBytes: number | null): string {
  if (maxBytes === null) return 'This file is too large.';
  return `This file is too large; up to ${sizeWords(maxBytes)} are taken.`;
}
