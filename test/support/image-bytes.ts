/** Image files put together and taken apart by hand, for what no encoder at hand writes. */
import { crc32, deflateSync } from 'node:zlib';

const PNG_SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

export interface PngChunk {
  type: string;
  data: Buffer;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

export function readPng(png: Buffer): PngChunk[] {
  const chunks: PngChunk[] = [];
  for (let offset = 8; offset < png.length; ) {
    const length = png.readUInt32BE(offset);
    const type = png.toString('latin1', offset + 4, offset + 8);
    chunks.push({ type, data: png.subarray(offset + 8, offset + 8 + length) });
    offset += 12 + length;
  }
  return chunks;
}

export function writePng(chunks: PngChunk[]): Buffer {
  const written = chunks.map(({ type, data }) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    return Buffer.concat([u32(data.length), body, u32(crc32(body))]);
  });
  return Buffer.concat([PNG_SIGNATURE, ...written]);
}

/** Puts chunks behind the header of a PNG. */
export function withPngChunks(png: Buffer, ...added: PngChunk[]): Buffer {
  const [header, ...rest] = readPng(png);
  return writePng([...(header ? [header] : []), ...added, ...rest]);
}

/** A PNG header of eight-bit pixels. */
export function pngHeader(width: number, height: number, colourType = 2): PngChunk {
  const data = Buffer.concat([u32(width), u32(height), Buffer.from([8, colourType, 0, 0, 0])]);
  return { type: 'IHDR', data };
}

export const PNG_END: PngChunk = { type: 'IEND', data: Buffer.alloc(0) };

/** An APNG of stills of the same size and kind (PNG specification, third edition, section 11.3.6). */
export function writeApng(stills: Buffer[]): Buffer {
  const [first = Buffer.alloc(0)] = stills;
  const [header, ...rest] = readPng(first);
  const size = header?.data.subarray(0, 8) ?? Buffer.alloc(8);
  let sequence = 0;
  const control = (): PngChunk => ({
    type: 'fcTL',
    data: Buffer.concat([u32(sequence++), size, u32(0), u32(0), u16(1), u16(10), u16(0)]),
  });
  const frames = stills.flatMap((still, index) => [
    control(),
    ...readPng(still)
      .filter(({ type }) => type === 'IDAT')
      .map(({ data }) =>
        index === 0
          ? { type: 'IDAT', data }
          : { type: 'fdAT', data: Buffer.concat([u32(sequence++), data]) },
      ),
  ]);
  const animation = { type: 'acTL', data: Buffer.concat([u32(stills.length), u32(0)]) };
  const others = rest.filter(({ type }) => !['IDAT', 'IEND'].includes(type));
  return writePng([...(header ? [header] : []), animation, ...others, ...frames, PNG_END]);
}

/** Says `width` by `height`, holds next to nothing. */
export function hollowPng(width: number, height: number, colourType = 2): Buffer {
  const data = deflateSync(Buffer.alloc(1000));
  return writePng([pngHeader(width, height, colourType), { type: 'IDAT', data }, PNG_END]);
}

export function jpegSegment(marker: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0xff, marker]), u16(payload.length + 2), payload]);
}

/** Puts segments behind the start marker of a JPEG. */
export function withJpegSegments(jpeg: Buffer, ...segments: Buffer[]): Buffer {
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
}

/** Where a marker of a JPEG's head is; its entropy-coded data is not looked at. */
export function findJpegMarker(jpeg: Buffer, isWanted: (marker: number) => boolean): number {
  for (let offset = 2; offset + 4 <= jpeg.length; offset += 2 + jpeg.readUInt16BE(offset + 2)) {
    if (isWanted(jpeg.readUInt8(offset + 1))) return offset;
  }
  throw new Error('there is no such marker');
}

/** A GIF whose data is a clear code before every other pixel: valid LZW, and nothing to compress. */
export function writeGif(options: {
  version: '87a' | '89a';
  width: number;
  height: number;
  /** RGB, four of them. */
  palette: number[][];
  /** Palette indices, row by row. */
  pixels: number[];
}): Buffer {
  const { version, width, height, palette, pixels } = options;
  const [clear, end, codeBits] = [4, 5, 3];
  const codes = [...pixels.flatMap((pixel) => [clear, pixel]), end];
  const packed = Buffer.alloc(Math.ceil((codes.length * codeBits) / 8));
  codes.forEach((code, index) => {
    for (let bit = 0; bit < codeBits; bit += 1) {
      const position = index * codeBits + bit;
      const byte = position >> 3;
      packed[byte] = (packed[byte] ?? 0) | (((code >> bit) & 1) << (position & 7));
    }
  });
  const blocks: Buffer[] = [];
  for (let offset = 0; offset < packed.length; offset += 255) {
    const block = packed.subarray(offset, offset + 255);
    blocks.push(Buffer.from([block.length]), block);
  }
  const size = Buffer.from([width & 0xff, width >> 8, height & 0xff, height >> 8]);
  return Buffer.concat([
    Buffer.from(`GIF${version}`, 'latin1'),
    size,
    Buffer.from([0x80 | 1, 0, 0, ...palette.flat()]),
    Buffer.from([0x2c, 0, 0, 0, 0]),
    size,
    Buffer.from([0, 2]),
    ...blocks,
    Buffer.from([0, 0x3b]),
  ]);
}
