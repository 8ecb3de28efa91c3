import os from 'node:os';
import type { Metadata } from 'sharp';

/** A picture whose decoding takes more by estimate is refused, in bytes. */
export const MAX_DECODE_BYTES = 512 * 2 ** 20;

/**
 * What decodings that run together may take by estimate, in bytes; a picture that takes more is
 * decoded alone. With ten files of 10 MB, what the garbage collector has not got to yet, and the
 * process itself that stays below 768 MB, on a busy machine too.
 */
export const SHARED_DECODE_BYTES = 256 * 2 ** 20;

/**
 * As many as there are processors: more would not be faster, only each of them slower, up to the
 * time limit. And fewer than the four threads that libuv has, because looking up the name of a
 * host takes one as well: the queue must hear from this worker while it decodes.
 */
const DECODINGS_AT_ONCE = Math.min(os.availableParallelism(), 3);

/** Line buffers, the codec, the thumbnail: what even the smallest picture takes. */
const BASE_BYTES = 40 * 2 ** 20;

/**
 * How much memory the decoding of a picture takes, from what its header says. The bytes per pixel
 * were measured, at 50 megapixels, with the libvips 8.18 that sharp 0.35 brings.
 */
export function estimateDecodeBytes(metadata: Metadata): number {
  const { width, height, pageHeight } = metadata;
  return BASE_BYTES + Math.ceil(width * (pageHeight ?? height) * bytesPerPixel(metadata));
}

function bytesPerPixel(metadata: Metadata): number {
  const { format, isProgressive, channels, depth, chromaSubsampling, pages = 1 } = metadata;
  switch (format) {
    case 'jpeg':
      // In lines, unless all its coefficients, of two bytes each, have to be collected first.
      if (!isProgressive) return 0;
      return chromaSubsampling === '4:2:0' ? 3.2 : 2.1 * channels;
    case 'png':
      return isProgressive ? 1.2 * Math.max(channels, 3) * (depth === 'uchar' ? 1 : 2) : 0;
    case 'webp':
    case 'gif':
      // The canvas; for an animation also the one before it and the frame to be put on it.
      return pages > 1 ? 12 : 5;
    default:
      // AVIF: besides the planes and the pixels what libaom keeps of each block of 4 by 4.
      return depth === 'uchar' ? 19 : 25;
  }
}

/** What a decoding takes of `SHARED_DECODE_BYTES`, so that there are not too many at once either. */
export function decodeWeight(estimatedBytes: number): number {
  return Math.max(estimatedBytes, SHARED_DECODE_BYTES / DECODINGS_AT_ONCE);
}
