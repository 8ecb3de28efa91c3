/** Files that say or become more than they are. */
import { deflateSync } from 'node:zlib';
import type { FailureReason } from '../../src/domain/image-status.ts';
import {
  findJpegMarker,
  hollowPng,
  PNG_END,
  pngHeader,
  u16,
  withPngChunks,
  writeGif,
  writePng,
} from './image-bytes.ts';
import { HEIGHT, noise, quarters, WIDTH } from './pictures.ts';
import type { NamedFile } from './run-inspection.ts';

export interface Bomb extends NamedFile {
  /** How it ends; a size where the picture is fine for all that. */
  verdict: FailureReason | string;
}

const TOO_LARGE = 'DIMENSIONS_EXCEEDED';
const BROKEN = 'UNDECODABLE';
const ZEROS = deflateSync(Buffer.alloc(200 * 2 ** 20));

export async function makeBombs(): Promise<Bomb[]> {
  return [...(await jpegBombs()), ...(await pngBombs()), ...gifBombs(), ...(await otherBombs())];
}

async function jpegBombs(): Promise<Bomb[]> {
  const plain = await quarters().jpeg().toBuffer();
  const progressive = await quarters().jpeg({ progressive: true }).toBuffer();
  const sized = (jpeg: Buffer, width: number, height: number) => {
    const copy = Buffer.from(jpeg);
    const frame = findJpegMarker(copy, (marker) => marker === 0xc0 || marker === 0xc2);
    copy.set([...u16(height), ...u16(width)], frame + 5);
    return copy;
  };
  const contentType = 'image/jpeg';
  return [
    { name: 'JPEG 65500 x 65500', bytes: sized(plain, 65_500, 65_500), verdict: TOO_LARGE },
    { name: 'JPEG 65535 x 65535', bytes: sized(plain, 65_535, 65_535), verdict: TOO_LARGE },
    { name: 'JPEG 9000 x 9000, empty', bytes: sized(plain, 9_000, 9_000), verdict: BROKEN },
    { name: 'progressive, empty', bytes: sized(progressive, 9_000, 6_000), verdict: BROKEN },
    { name: 'progressive 9999 x 10000', bytes: sized(progressive, 9_999, 10_000), verdict: BROKEN },
    { name: 'JPEG of no width', bytes: sized(plain, 0, HEIGHT), verdict: BROKEN },
    { name: 'JPEG of no height', bytes: sized(plain, WIDTH, 0), verdict: BROKEN },
  ].map((bomb) => ({ ...bomb, contentType }));
}

async function pngBombs(): Promise<Bomb[]> {
  const plain = await quarters().png().toBuffer();
  const profile = Buffer.concat([Buffer.from('bomb\0\0'), ZEROS]);
  const deep = writePng([
    { ...pngHeader(9_900, 9_900), data: interlacedRgba16(9_900) },
    { type: 'IDAT', data: ZEROS },
    PNG_END,
  ]);
  const contentType = 'image/png';
  return [
    { name: 'PNG 50000 x 50000', bytes: hollowPng(50_000, 50_000), verdict: TOO_LARGE },
    { name: 'PNG 2^31 - 1', bytes: hollowPng(2 ** 31 - 1, 2 ** 31 - 1), verdict: BROKEN },
    { name: 'PNG 9999 x 10000, empty', bytes: hollowPng(9_999, 10_000), verdict: BROKEN },
    { name: 'PNG of no width', bytes: hollowPng(0, 10), verdict: BROKEN },
    { name: 'PNG of no height', bytes: hollowPng(10, 0), verdict: BROKEN },
    { name: 'interlaced, 16 bits, 98 megapixels', bytes: deep, verdict: TOO_LARGE },
    {
      name: 'more data than pixels',
      bytes: writePng([pngHeader(64, 40), { type: 'IDAT', data: ZEROS }, PNG_END]),
      verdict: `${WIDTH}x${HEIGHT}`,
    },
    {
      name: 'ICC profile of 200 MB',
      bytes: withPngChunks(plain, { type: 'iCCP', data: profile }),
      verdict: `${WIDTH}x${HEIGHT}`,
    },
    {
      name: 'text of 200 MB',
      bytes: withPngChunks(plain, { type: 'zTXt', data: profile }),
      verdict: `${WIDTH}x${HEIGHT}`,
    },
  ].map((bomb) => ({ ...bomb, contentType }));
}

function interlacedRgba16(side: number): Buffer {
  const data = Buffer.from(pngHeader(side, side).data);
  data.set([16, 6, 0, 0, 1], 8);
  return data;
}

function gifBombs(): Bomb[] {
  const one = writeGif({ version: '89a', width: 1, height: 1, palette: PALETTE, pixels: [1] });
  const head = one.subarray(0, 25);
  const small = one.subarray(25, -1);
  const vast = Buffer.from(small);
  vast.writeUInt16LE(20_000, 5);
  vast.writeUInt16LE(20_000, 7);
  const many = (canvas: number, frames: number, frame = small) => {
    const copy = Buffer.from(head);
    copy.set([canvas & 0xff, canvas >> 8, canvas & 0xff, canvas >> 8], 6);
    return Buffer.concat([copy, ...Array<Buffer>(frames).fill(frame), Buffer.from([0x3b])]);
  };
  const contentType = 'image/gif';
  return [
    { name: 'GIF 20000 x 20000', bytes: many(20_000, 1, vast), verdict: TOO_LARGE },
    // Its decoder takes this for nonsense, and the size of the first frame instead.
    { name: 'GIF 65535 x 65535', bytes: many(65_535, 1), verdict: '1x1' },
    { name: 'GIF of 501 frames', bytes: many(10, 501), verdict: TOO_LARGE },
    { name: 'GIF of 100000 frames', bytes: many(10, 100_000), verdict: TOO_LARGE },
    { name: 'GIF of 400 frames of a megapixel', bytes: many(1_000, 400), verdict: TOO_LARGE },
    { name: 'GIF of 500 frames', bytes: many(10, 500), verdict: '10x10' },
  ].map((bomb) => ({ ...bomb, contentType }));
}

const PALETTE = [0, 80, 160, 240].map((shade) => [shade, shade, shade]);

async function otherBombs(): Promise<Bomb[]> {
  const lossless = await noise(64, 40).webp({ lossless: true }).toBuffer();
  const webp = Buffer.from(lossless);
  // Signature byte, then 14 bits each of width and height less one (WebP lossless, section 3).
  webp.writeUInt32LE(16_382 | (16_382 << 14), 21);
  const avif = await quarters().avif({ effort: 0 }).toBuffer();
  const spread = Buffer.from(avif);
  const size = spread.indexOf('ispe');
  spread.writeUInt32BE(60_000, size + 8);
  spread.writeUInt32BE(60_000, size + 12);
  return [
    { name: 'WebP 16383 x 16383', contentType: 'image/webp', bytes: webp, verdict: TOO_LARGE },
    { name: 'AVIF 60000 x 60000', contentType: 'image/avif', bytes: spread, verdict: TOO_LARGE },
  ];
}
