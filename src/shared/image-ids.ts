import { randomFillSync } from 'node:crypto';
import { decodeTime, encodeTime, TIME_MAX, ulid } from 'ulid';
import type { ImageId } from '../domain/image-id.ts';

/** A fresh id: the time in milliseconds, then 80 random bits. */
export function newImageId(): ImageId {
  return ulid(Date.now(), createRandom()) as ImageId;
}

/** Sixteen random characters at a time: left to itself, `ulid` asks the system for each of them. */
function createRandom(): () => number {
  let next = 0;
  const bytes = randomFillSync(new Uint8Array(16));
  return () => (bytes[next++] ?? 0) / 256;
}

/** When the image was created: the time in its id. */
export function createdAtOf(id: ImageId): Date {
  return new Date(decodeTime(id));
}

/**
 * What ids of images that were created at this time (in milliseconds since 1970) begin with. Less
 * than all of them, and more than all that are older.
 */
export function firstIdAt(time: number): string {
  return encodeTime(Math.min(Math.max(time, 0), TIME_MAX));
}
