import type { ContentType } from '../../domain/content-types.ts';
import { detectContentType, FORMAT_HEAD_BYTES } from '../../domain/image-format.ts';
import type { FailureReason } from '../../domain/image-status.ts';
import type { DecodedImage, ImageDecoder } from '../../shared/image-decoder.ts';
import type { OpenObject } from '../../shared/object-store.ts';

export interface InspectDeps {
  decoder: ImageDecoder;
  maxSizeBytes: number;
}

/**
 * Looks at an uploaded object: its size, the Content-Type it was stored with, what its bytes are,
 * and whether they decode. Returns the picture, or why it has to be refused. Reads the body once,
 * no more of it than it needs, and closes it. Throws when the body breaks off.
 */
export async function inspectObject(
  { decoder, maxSizeBytes }: InspectDeps,
  object: OpenObject,
  declared: ContentType,
): Promise<DecodedImage | FailureReason> {
  try {
    if (object.sizeBytes === 0) return 'EMPTY';
    if (object.sizeBytes > maxSizeBytes) return 'SIZE_EXCEEDED';
    if (object.contentType !== declared) return 'CONTENT_TYPE_MISMATCH';
    const bytes = await readIfOfType(object, declared);
    if (bytes === null) return 'CONTENT_TYPE_MISMATCH';
    try {
      return await decoder.decode(bytes, declared);
    } finally {
      // Gives the memory back at once; left to the garbage collector, it drives that to collect
      // the whole heap over and over.
      bytes.buffer.transfer(0);
    }
  } finally {
    object.body.destroy();
  }
}

/**
 * All bytes, or null as soon as the first of them are of another type. Into one buffer of the size
 * that the store has announced: chunks to be joined at the end would take that memory twice.
 */
async function readIfOfType(
  { body, sizeBytes }: OpenObject,
  declared: ContentType,
): Promise<Buffer<ArrayBuffer> | null> {
  // Not from the pool, whose memory others share.
  const bytes = Buffer.allocUnsafeSlow(sizeBytes);
  let size = 0;
  let known = false;
  for await (const chunk of body) {
    if (size + chunk.length > sizeBytes) throw new Error('the object is longer than announced');
    bytes.set(chunk, size);
    size += chunk.length;
    if (known || size < FORMAT_HEAD_BYTES) continue;
    if (detectContentType(bytes.subarray(0, size)) !== declared) return null;
    known = true;
  }
  if (size < sizeBytes) throw new Error('the object was not read to its end');
  return known ? bytes : null;
}
