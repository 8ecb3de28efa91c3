import type { ContentType } from './content-types.ts';

/**
 * Whether a file reaches its own end. Decoders are content once they have all pixels of the frames
 * they found, so that a GIF cut between two frames, a PNG cut in its last chunk, or an AVIF cut
 * behind its main picture, decodes well. JPEG and WebP decoders miss what is missing. Stray bytes
 * after the end are fine.
 */
export function reachesItsEnd(bytes: Uint8Array, contentType: ContentType): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (contentType === 'image/png') return hasLastPngChunk(view);
  if (contentType === 'image/gif') return hasGifTrailer(view);
  if (contentType === 'image/avif') return hasWholeBoxes(view);
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

/** As four ASCII characters: what an AVIF file is made of at its top level. */
const BOX_TYPES = ['ftyp', 'meta', 'moov', 'mdat', 'moof', 'free', 'skip', 'uuid', 'pdin'];

/** Walks the boxes: size, type, then a longer size where it did not fit (ISO/IEC 14496-12, 4.2). */
function hasWholeBoxes(view: DataView): boolean {
  let offset = 0;
  while (offset + 8 <= view.byteLength) {
    const type = String.fromCharCode(...[4, 5, 6, 7].map((index) => view.getUint8(offset + index)));
    // Whatever is no box comes after the end.
    if (!BOX_TYPES.includes(type)) return offset > 0;
    const size = view.getUint32(offset);
    if (size === 0) return true;
    const isLong = size === 1;
    if (isLong && offset + 16 > view.byteLength) return false;
    const whole = isLong ? Number(view.getBigUint64(offset + 8)) : size;
    if (whole < (isLong ? 16 : 8)) return false;
    offset += whole;
  }
  return offset <= view.byteLength;
}
