import type { Readable } from 'node:stream';
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
    const bytes = await readIfOfType(object.body, declared);
    if (bytes === null) return 'CONTENT_TYPE_MISMATCH';
    if (bytes.length !== object.sizeBytes) throw new Error('the object was not read to its end');
    return await decoder.decode(bytes, declared);
  } finally {
    object.body.destroy();
  }
}

/** All bytes, or null as soon as the first of them are of another type. */
async function readIfOfType(body: Readable, declared: ContentType): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  let known = false;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (known || size < FORMAT_HEAD_BYTES) continue;
    if (detectContentType(Buffer.concat(chunks)) !== declared) return null;
    known = true;
  }
  return known ? Buffer.concat(chunks, size) : null;
}
