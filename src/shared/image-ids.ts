import { ulid } from 'ulid';
import type { ImageId } from '../domain/image-id.ts';

/** A fresh id: the time in milliseconds, then 80 random bits. */
export function newImageId(): ImageId {
  return ulid() as ImageId;
}
