import { extensionOf, splitName } from './image-format.ts';

/** What the thumbnails of old images begin their names with. */
const THUMBNAIL_PREFIX = 'thumb_';
const PNG = extensionOf('png');

/** The thumbnail that belongs to an old image: `dir/name.png` has `dir/thumb_name.jpg`. */
export function thumbnailKey(key: string): string {
  const { base } = splitName(key);
  const start = base.lastIndexOf('/') + 1;
  return `${base.slice(0, start)}${THUMBNAIL_PREFIX}${base.slice(start)}${extensionOf('jpeg')}`;
}

/** Told by the last segment alone: a folder may have any name. */
export function isThumbnail(key: string): boolean {
  return nameOf(key).startsWith(THUMBNAIL_PREFIX);
}

/** `thumb_*.png` to the letter: keys that differ in case are different objects. */
export function isPngThumbnail(key: string): boolean {
  return isThumbnail(key) && key.endsWith(PNG);
}

/** Where a `thumb_*.png` belongs when its bytes are JPEG. */
export function jpegKeyOf(pngThumbnail: string): string {
  return `${pngThumbnail.slice(0, -PNG.length)}${extensionOf('jpeg')}`;
}

function nameOf(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}
