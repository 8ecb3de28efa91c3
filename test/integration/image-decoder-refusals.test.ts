import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { CONTENT_TYPES, type ContentType } from '../../src/domain/content-types.ts';
import { inspectObject } from '../../src/features/ingest/inspect-object.ts';
import { makeBombs } from '../support/bombs.ts';
import { drawForCutting } from '../support/corpus.ts';
import { testDecoder } from '../support/decoder.ts';
import { findJpegMarker, readPng, writeGif, writePng } from '../support/image-bytes.ts';
import { noise, QUARTERS, quarters } from '../support/pictures.ts';
import { runInspection } from '../support/run-inspection.ts';
import { drawTinyImages } from '../support/tiny-images.ts';

const decoder = testDecoder();
const files = await drawForCutting();

/** The head of a file, places all over it, and each of the last bytes. */
function cutsOf(length: number): number[] {
  const everywhere = Array.from({ length: 40 }, (_, index) => Math.floor((length * index) / 40));
  const lastBytes = Array.from({ length: 24 }, (_, index) => length - 1 - index);
  return [...new Set([12, 13, 20, 33, ...everywhere, ...lastBytes])].filter((cut) => cut >= 12);
}

describe.each(files)('$name', ({ contentType, bytes }) => {
  test('is fine as it is', async () => {
    expect(await decoder.decode(bytes, contentType)).toMatchObject({
      thumbhash: expect.any(String),
    });
  });

  test('is refused wherever it is cut', async () => {
    const accepted: number[] = [];
    for (const cut of cutsOf(bytes.length)) {
      const result = await decoder.decode(bytes.subarray(0, cut), contentType);
      if (result !== 'UNDECODABLE') accepted.push(cut);
    }
    expect(accepted).toEqual([]);
  });

  test('is refused with garbage behind its head', async () => {
    const garbage = await noise(50, 50).raw().toBuffer();
    for (const head of [12, 40]) {
      const file = Buffer.concat([bytes.subarray(0, head), garbage]);
      expect(await decoder.decode(file, contentType)).toBe('UNDECODABLE');
    }
  });
});

describe('corrupt', () => {
  test('a PNG chunk whose checksum is wrong', async () => {
    const png = Buffer.from(await noise(48, 40).png().toBuffer());
    const place = png.indexOf('IDAT') + 500;
    png[place] = (png[place] ?? 0) ^ 1;
    expect(await decoder.decode(png, 'image/png')).toBe('UNDECODABLE');
  });

  test('a PNG that lost a part in the middle, with all its checksums right', async () => {
    const chunks = readPng(await noise(48, 40).png().toBuffer()).map((chunk) =>
      chunk.type === 'IDAT' ? { ...chunk, data: chunk.data.subarray(0, 2_000) } : chunk,
    );
    expect(await decoder.decode(writePng(chunks), 'image/png')).toBe('UNDECODABLE');
  });

  test('a JPEG that lost a part in the middle', async () => {
    const jpeg = await noise(200, 200).jpeg().toBuffer();
    const file = Buffer.concat([jpeg.subarray(0, 8_000), jpeg.subarray(-4_000)]);
    expect(await decoder.decode(file, 'image/jpeg')).toBe('UNDECODABLE');
  });

  test('a JPEG with the scan header of Samsung cameras, cut', async () => {
    const jpeg = Buffer.from(await noise(200, 200).jpeg().toBuffer());
    const scan = findJpegMarker(jpeg, (marker) => marker === 0xda);
    jpeg.set([0, 0, 0], scan + 2 + jpeg.readUInt16BE(scan + 2) - 3);
    expect(await decoder.decode(jpeg, 'image/jpeg')).toMatchObject({ width: 200 });
    expect(await decoder.decode(jpeg.subarray(0, -3_000), 'image/jpeg')).toBe('UNDECODABLE');
  });

  test('a JPEG with other than zeros before its end', async () => {
    const jpeg = await quarters().jpeg({ progressive: true }).toBuffer();
    const padded = (padding: number) =>
      Buffer.concat([jpeg.subarray(0, -2), Buffer.alloc(9, padding), jpeg.subarray(-2)]);
    expect(await decoder.decode(padded(0), 'image/jpeg')).toMatchObject({ width: 64 });
    expect(await decoder.decode(padded(5), 'image/jpeg')).toBe('UNDECODABLE');
  });
});

test('an animation of which only a later frame is damaged', async () => {
  const size = { width: 40, height: 40 };
  const still = writeGif({
    ...size,
    version: '89a',
    palette: QUARTERS,
    pixels: Array<number>(40 * 40).fill(1),
  });
  const [head, frame] = [still.subarray(0, 25), still.subarray(25, -1)];
  // Behind descriptor, code size and length of the block: codes that nothing has defined.
  const damaged = Buffer.from(frame).fill(0xff, 60, 80);
  const animate = (...frames: Buffer[]) => Buffer.concat([head, ...frames, Buffer.from([0x3b])]);
  expect(await decoder.decode(animate(frame, frame), 'image/gif')).toMatchObject(size);
  expect(await decoder.decode(animate(frame, damaged), 'image/gif')).toBe('UNDECODABLE');
});

test('a wide JPEG whose pixels end early, although it ends well', async () => {
  const jpeg = Buffer.from(await quarters().jpeg().toBuffer());
  const frame = findJpegMarker(jpeg, (marker) => marker === 0xc0);
  jpeg.writeUInt16BE(20_000, frame + 7);
  expect(await decoder.decode(jpeg, 'image/jpeg')).toBe('UNDECODABLE');
});

describe('pretending to be an image', () => {
  const tiff = () => quarters().tiff().toBuffer();
  const pretenders: [string, () => Promise<Buffer> | Buffer][] = [
    ['text', () => Buffer.from('just some text, and long enough')],
    ['SVG', () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')],
    ['HTML', () => Buffer.from('<!DOCTYPE html><script>alert(1)</script>')],
    ['PDF', () => Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj', 'latin1')],
    ['TIFF', tiff],
    ['HEIC', () => Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1')],
    ['BMP', () => Buffer.from('BM\x46\0\0\0\0\0\0\0\x36\0\0\0', 'latin1')],
    ['ICO', () => Buffer.from('\0\0\x01\0\x01\0\x10\x10\0\0\x01\0\x20\0', 'latin1')],
    ['zeros', () => Buffer.alloc(1_000)],
  ];

  function inspect(bytes: Buffer, contentType: ContentType) {
    const object = {
      key: 'k',
      versionId: null,
      etag: null,
      sizeBytes: bytes.length,
      contentType,
      body: Readable.from([bytes.subarray(0, 5), bytes.subarray(5)]),
    };
    return inspectObject({ decoder, maxSizeBytes: 2 ** 20 }, object, contentType);
  }

  test.each(pretenders)('%s', async (_what, make) => {
    const bytes = await make();
    for (const contentType of CONTENT_TYPES) {
      expect(await inspect(bytes, contentType)).toBe('CONTENT_TYPE_MISMATCH');
    }
  });

  test('each type as each other', async () => {
    const images = await drawTinyImages();
    for (const contentType of CONTENT_TYPES) {
      for (const declared of CONTENT_TYPES) {
        const result = await inspect(images[contentType], declared);
        const expected = declared === contentType ? { width: 8, height: 6 } : {};
        if (declared === contentType) expect(result).toMatchObject(expected);
        else expect(result).toBe('CONTENT_TYPE_MISMATCH');
      }
    }
  });

  test('an SVG behind the head of each type', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
    const images = await drawTinyImages();
    for (const contentType of CONTENT_TYPES) {
      const bytes = Buffer.concat([images[contentType].subarray(0, 12), Buffer.from(svg)]);
      expect(await inspect(bytes, contentType)).toBe('UNDECODABLE');
    }
  });
});

test('bombs are disarmed, all at once, without the process growing out of bounds', async () => {
  const bombs = await makeBombs();
  const { verdicts, peakRssBytes } = await runInspection(bombs);
  expect(verdicts).toEqual(Object.fromEntries(bombs.map(({ name, verdict }) => [name, verdict])));
  expect(peakRssBytes).toBeLessThan(768e6);
});
