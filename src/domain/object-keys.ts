import { type ImageId, ULID_PATTERN } from './image-id.ts';

/** Where the bytes of an image are uploaded and stay. */
export function ingestKey(id: ImageId): string {
  return `ingest/${id}`;
}

/** The thumbnail of a validated image, for the CDN to sign and serve like the image itself. */
export function imageThumbnailKey(id: ImageId): string {
  return `thumbnails/${id}.jpg`;
}

/** `uploads/` was the prefix of an earlier version; its objects are still taken in. */
const ingestKeyPattern = new RegExp(`^(?:ingest|uploads)/(${ULID_PATTERN})$`);

/** The image that an object key belongs to, or null where the key is none of ours. */
export function imageIdOfKey(key: string): ImageId | null {
  const id = ingestKeyPattern.exec(key)?.[1];
  return id === undefined ? null : (id as ImageId);
}
