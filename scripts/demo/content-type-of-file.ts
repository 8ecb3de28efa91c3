import path from 'node:path';

const CONTENT_TYPE_OF_EXTENSION = new Map([
  ['.jpg', 'image/jpeg'],
  ['.jpeg', 'image/jpeg'],
  ['.png', 'image/png'],
  ['.webp', 'image/webp'],
  ['.avif', 'image/avif'],
  ['.gif', 'image/gif'],
]);

/** What a file's name says that it is, in any case (`IMG_1.JPG`); null for types not taken in. */
export function contentTypeOfFile(file: string): string | null {
  return CONTENT_TYPE_OF_EXTENSION.get(path.extname(file).toLowerCase()) ?? null;
}
