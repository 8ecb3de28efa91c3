import type { ContentType } from './content-types.ts';

/**
 * Whether a file reaches its own end. Decoders are content once they have all pixels of the frames
 * they found, so that a GIF cut between two frames, or a PNG cut in its last chunk, decodes well.
 * The other formats state their length, and decoders hold them to it. Stray bytes after the end
 * are fine.
 */
export function reachesItsEnd(bytes: Uint8Array, contentType: ContentType): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (contentType === 'image/png') return hasLastPngChunk(view);
  if (contentType === 'image/gif') return hasGifTrailer(view);
  return true;
}

const PNG_SIGNATURE_BYTES = 8;
const IEND = 0x49_45_4e_44;

/** Walks the chunks: length, type, data, CRC (PNG specification, third edition, section 5.3). */
function hasLastPngChunk(view: DataView): boolean {
  let offset = PNG_SIGNATURE_BYTES;
  while (offset + 12 <= view.byteLength) {
    const length = view.getUint32(offset);
    const end = offset + 12 + length;
    if (view.getUint32(offset + 4) === IEND) return end <= view.byteLength;
    offset = end;
  }
  return false;
}

const GIF_HEADER_BYTES = 13;
const EXTENSION = 0x21;
const IMAGE_DESCRIPTOR = 0x2c;
const TRAILER = 0x3b;

/** Walks the blocks (GIF89a specification, sections 17 to 27). */
function hasGifTrailer(view: DataView): boolean {
  if (view.byteLength < GIF_HEADER_BYTES) return false;
  let offset = GIF_HEADER_BYTES + colorTableBytes(view.getUint8(10));
  while (offset < view.byteLength) {
    const block = view.getUint8(offset);
    if (block === TRAILER) return true;
    if (block === EXTENSION) {
      offset = afterSubBlocks(view, offset + 2);
    } else if (block === IMAGE_DESCRIPTOR && offset + 10 <= view.byteLength) {
      const localTable = colorTableBytes(view.getUint8(offset + 9));
      // Descriptor, colour table, then one byte of code size before the data.
      offset = afterSubBlocks(view, offset + 10 + localTable + 1);
    } else {
      return false;
    }
  }
  return false;
}

/** A colour table has 2^(n+1) entries of three bytes, where the top bit says that there is one. */
function colorTableBytes(packed: number): number {
  return packed & 0x80 ? 3 * 2 ** ((packed & 0x07) + 1) : 0;
}

/** The offset behind a chain of sub-blocks, which an empty one ends. */
function afterSubBlocks(view: DataView, start: number): number {
  let offset = start;
  while (offset < view.byteLength) {
    const length = view.getUint8(offset);
    offset += length + 1;
    if (length === 0) break;
  }
  return offset;
}
