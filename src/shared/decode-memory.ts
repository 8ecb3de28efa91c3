import os from 'node:os';
import type { Metadata } from 'sharp';

/** What all decodings that run together may take by estimate, in bytes. */
export const MAX_DECODE_BYTES = 256 * 2 ** 20;

/**
 * As many as there are processors: more would not be faster, only each of them slower, up to the
 * time limit. And fewer than the four threads that libuv has, because looking up the name of a
 * host takes one as well: the queue must hear from this worker while it decodes.
 */
const DECODINGS_AT_ONCE = Math.min(os.availableParallelism(), 3);

/** Line buffers, the codec, the thumbnail: what even the smallest picture takes. */
const BASE_BYTES = 24 * 2 ** 20;

/** Decoded as a whole, where baseline JPEG and plain PNG pass by in lines. */
const WHOLE_PICTURE_FORMATS = ['webp', 'heif', 'gif'];

/**
 * How much memory the decoding of a picture takes, from what its header says: the pixels of a
 * frame where the format (or its progressive or interlaced form) needs all of them at once.
 */
export function estimateDecodeBytes(metadata: Metadata): number {
  const { format, isProgressive, width, height, pageHeight, channels, depth } = metadata;
  const whole = isProgressive || WHOLE_PICTURE_FORMATS.includes(format);
  if (!whole) return BASE_BYTES;
  const bytesPerPixel = Math.max(channels, 3) * (depth === 'ushort' ? 2 : 1);
  return BASE_BYTES + width * (pageHeight ?? height) * bytesPerPixel;
}

/** The share of `MAX_DECODE_BYTES` that a decoding takes, so that neither limit is passed. */
export function decodeWeight(metadata: Metadata): number {
  return Math.max(estimateDecodeBytes(metadata), MAX_DECODE_BYTES / DECODINGS_AT_ONCE);
}
