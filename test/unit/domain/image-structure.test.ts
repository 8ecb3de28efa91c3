import { describe, expect, test } from '@jest/globals';
import type { ContentType } from '../../../src/domain/content-types.ts';
import { reachesItsEnd } from '../../../src/domain/image-structure.ts';

/** `latin1` maps each character to the byte of the same number. */
function bytes(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

const GIF_HEAD = 'GIF89a\x01\0\x01\0';
const GIF_FRAME = '\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0';
const GIF_FRAME_WITH_TABLE = '\x2c\0\0\0\0\x01\0\x01\0\x80RGBRGB\x02\x02\x44\x01\0';
const COMMENT = '\x21\xfe\x03;;;\x01;\0';
const PNG_HEAD = '\x89PNG\r\n\x1a\n';
const IDAT = '\0\0\0\x04IDATIENDcrc!';
const IEND = '\0\0\0\0IENDcrc!';

function box(type: string, body = ''): string {
  return `\0\0\0${String.fromCharCode(8 + body.length)}${type}${body}`;
}
const AVIF = box('ftyp', 'avif') + box('meta', 'items') + box('mdat', 'pixels');
/** Size 1: the real one, here 20, follows in eight bytes. */
const LONG_BOX = '\0\0\0\x01mdat\0\0\0\0\0\0\0\x14data';

const WHOLE: [string, ContentType, string][] = [
  ['GIF', 'image/gif', `${GIF_HEAD}\0\0\0${GIF_FRAME}`],
  ['GIF with a colour table', 'image/gif', `${GIF_HEAD}\x81\0\0RGBRGBRGBRGB${GIF_FRAME}`],
  ['GIF with a table a frame', 'image/gif', `${GIF_HEAD}\0\0\0${GIF_FRAME_WITH_TABLE}`],
  ['GIF with trailers in a comment', 'image/gif', `${GIF_HEAD}\0\0\0${COMMENT}${GIF_FRAME}`],
  ['PNG with an end mark in its data', 'image/png', `${PNG_HEAD}${IDAT}`],
];

describe.each(WHOLE)('%s', (_what, contentType, body) => {
  const end = contentType === 'image/gif' ? '\x3b' : IEND;

  test('reaches its end, stray bytes or not', () => {
    expect(reachesItsEnd(bytes(body + end), contentType)).toBe(true);
    expect(reachesItsEnd(bytes(`${body}${end}stray`), contentType)).toBe(true);
  });

  test('does not when cut anywhere', () => {
    const file = bytes(body + end);
    for (let cut = 0; cut < file.length; cut += 1) {
      expect([cut, reachesItsEnd(file.subarray(0, cut), contentType)]).toEqual([cut, false]);
    }
  });

  test('is read where it lies in a larger buffer', () => {
    const padded = bytes(`\0\0\0${body}${end}`).subarray(3);
    expect(reachesItsEnd(padded, contentType)).toBe(true);
  });
});

describe('AVIF', () => {
  test('reaches its end, stray bytes or not', () => {
    expect(reachesItsEnd(bytes(AVIF), 'image/avif')).toBe(true);
    expect(reachesItsEnd(bytes(`${AVIF}stray`), 'image/avif')).toBe(true);
    expect(reachesItsEnd(bytes(`${AVIF}stray bytes, more than a head`), 'image/avif')).toBe(true);
    expect(reachesItsEnd(bytes(AVIF + LONG_BOX), 'image/avif')).toBe(true);
  });

  test('does not when a box is cut', () => {
    for (const cut of [1, 3, 5]) {
      expect(reachesItsEnd(bytes(AVIF.slice(0, -cut)), 'image/avif')).toBe(false);
      expect(reachesItsEnd(bytes((AVIF + LONG_BOX).slice(0, -cut)), 'image/avif')).toBe(false);
    }
    expect(reachesItsEnd(bytes(`${AVIF}\0\0\0\x01mdat\0\0`), 'image/avif')).toBe(false);
  });

  test('a last box without a size goes up to the end', () => {
    expect(reachesItsEnd(bytes(`${AVIF}\0\0\0\0mdatanything`), 'image/avif')).toBe(true);
  });

  test('a box smaller than its own head is not walked for ever', () => {
    expect(reachesItsEnd(bytes(`${AVIF}\0\0\0\x02mdat`), 'image/avif')).toBe(false);
    const tooSmall = `${AVIF}\0\0\0\x01mdat\0\0\0\0\0\0\0\0`;
    expect(reachesItsEnd(bytes(tooSmall), 'image/avif')).toBe(false);
  });
});

test('the other decoders see for themselves', () => {
  expect(reachesItsEnd(bytes('\xff\xd8'), 'image/jpeg')).toBe(true);
  expect(reachesItsEnd(bytes('RIFF'), 'image/webp')).toBe(true);
});
