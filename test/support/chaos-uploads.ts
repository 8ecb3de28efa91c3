import { randomBytes } from 'node:crypto';
import { CONTENT_TYPES, type ContentType } from '../../src/domain/content-types.ts';
import { pick } from './chaos.ts';
import type { TinyImages } from './tiny-images.ts';

/** What is sent for one image: a file, and for some a second one to the same URL. */
export interface PlannedUpload {
  contentType: ContentType;
  files: PlannedFile[];
}

export interface PlannedFile {
  bytes: Buffer<ArrayBuffer>;
  /** What becomes of an image that consists of it: null where it is a good one. */
  failureReason: string | null;
}

/** A quarter of the files is bad, in one way or another; no two have the same bytes. */
export function planUploads(
  count: number,
  images: TinyImages,
  maxSizeBytes: number,
  random: () => number,
): PlannedUpload[] {
  return Array.from({ length: count }, (_, index) => {
    const contentType = pick(random, CONTENT_TYPES);
    const files = Array.from({ length: 1 + (index % 2) }, () =>
      random() < 0.75
        ? { bytes: unique(images[contentType]), failureReason: null }
        : badFile(contentType, images, maxSizeBytes, random),
    );
    return { contentType, files };
  });
}

function badFile(
  contentType: ContentType,
  images: TinyImages,
  maxSizeBytes: number,
  random: () => number,
): PlannedFile {
  const other = images[contentType === 'image/png' ? 'image/gif' : 'image/png'];
  return pick(random, [
    { bytes: unique(other), failureReason: 'CONTENT_TYPE_MISMATCH' },
    { bytes: randomBytes(7), failureReason: 'CONTENT_TYPE_MISMATCH' },
    { bytes: Buffer.alloc(0), failureReason: 'EMPTY' },
    {
      bytes: Buffer.concat([images[contentType], Buffer.alloc(maxSizeBytes)]),
      failureReason: 'SIZE_EXCEEDED',
    },
  ]);
}

/** Bytes after the end of a picture do it no harm. */
function unique(image: Buffer): Buffer<ArrayBuffer> {
  return Buffer.concat([image, randomBytes(16)]);
}
