import type { Readable } from 'node:stream';
import type { ContentType } from '../../domain/content-types.ts';
import { detectContentType, FORMAT_HEAD_BYTES } from '../../domain/image-format.ts';
import type { FailureReason } from '../../domain/image-status.ts';
import type { OpenObject } from '../../shared/object-store.ts';

/**
 * Looks at an uploaded object: its size, the Content-Type it was stored with, and what its bytes
 * are. Returns why it has to be refused, or null when it is as declared. Closes the body; reads no
 * more of it than it needs.
 */
export async function inspectObject(
  object: OpenObject,
  declared: ContentType,
  maxSizeBytes: number,
): Promise<FailureReason | null> {
  try {
    if (object.sizeBytes === 0) return 'EMPTY';
    if (object.sizeBytes > maxSizeBytes) return 'SIZE_EXCEEDED';
    if (object.contentType !== declared) return 'CONTENT_TYPE_MISMATCH';
    const head = await readHead(object.body, FORMAT_HEAD_BYTES);
    return detectContentType(head) === declared ? null : 'CONTENT_TYPE_MISMATCH';
  } finally {
    object.body.destroy();
  }
}

/** The first `length` bytes, or all there are. Throws when the stream breaks. */
async function readHead(body: Readable, length: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= length) break;
  }
  return Buffer.concat(chunks).subarray(0, length);
}
