import { describe, expect, test } from '@jest/globals';
import {
  detectContentType,
  detectFormat,
  FORMAT_HEAD_BYTES,
  type ImageFormat,
} from '../../../src/domain/image-format.ts';

/** `latin1` maps each character to the byte of the same number. */
function bytes(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}

const HEADS: [string, ImageFormat, string][] = [
  ['JFIF', 'jpeg', '\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01'],
  ['Exif', 'jpeg', '\xff\xd8\xff\xe1\x12\x34Exif\x00\x00'],
  ['JPEG that begins with its tables', 'jpeg', '\xff\xd8\xff\xdb\x00\x43\x00\x08\x06\x06\x07\x06'],
  ['PNG', 'png', '\x89PNG\r\n\x1a\n\x00\x00\x00\r'],
  ['WebP', 'webp', 'RIFF\x24\x00\x00\x00WEBP'],
  ['GIF of 1987', 'gif', 'GIF87a\x01\x00\x01\x00\x00\x00'],
  ['GIF of 1989', 'gif', 'GIF89a\x01\x00\x01\x00\x00\x00'],
  ['AVIF', 'avif', '\x00\x00\x00\x1cftypavif'],
  ['AVIF sequence', 'avif', '\x00\x00\x00\x2cftypavis'],
];

describe.each(HEADS)('%s', (_what, format, head) => {
  test('is told from its first 12 bytes, whatever follows', () => {
    expect(bytes(head)).toHaveLength(FORMAT_HEAD_BYTES);
    expect(detectFormat(bytes(head))).toBe(format);
    expect(detectFormat(bytes(`${head}\x00rest`))).toBe(format);
    expect(detectContentType(bytes(head))).toBe(`image/${format}`);
  });

  test('is unknown when shorter', () => {
    for (let length = 0; length < FORMAT_HEAD_BYTES; length += 1) {
      expect(detectFormat(bytes(head).subarray(0, length))).toBe('unknown');
    }
  });
});

test.each([
  ['nothing', ''],
  ['zeros', '\x00'.repeat(12)],
  ['text', 'just some text'],
  ['HTML', '<!DOCTYPE html>'],
  ['SVG', '<svg xmlns="http'],
  ['PDF', '%PDF-1.7\n%\xe2\xe3\xcf\xd3'],
  ['BMP', 'BM\x36\x00\x00\x00\x00\x00\x00\x00\x36\x00'],
  ['TIFF', 'II*\x00\x08\x00\x00\x00\x00\x00\x00\x00'],
  ['HEIC', '\x00\x00\x00\x18ftypheic'],
  ['MP4', '\x00\x00\x00\x18ftypmp42'],
  ['AVIF as a compatible brand only', '\x00\x00\x00\x1cftypmif1avif'],
  ['WAVE', 'RIFF\x24\x00\x00\x00WAVEfmt '],
  ['WebP without RIFF', 'RIFX\x24\x00\x00\x00WEBP'],
  ['GIF of 1988', 'GIF88a\x01\x00\x01\x00\x00\x00'],
  ['lower-case gif', 'gif89a\x01\x00\x01\x00\x00\x00'],
  ['PNG with its line ends converted', '\x89PNG\n\x1a\n\x00\x00\x00\rI'],
  ['PNG with its high bit lost', '\x09PNG\r\n\x1a\n\x00\x00\x00\r'],
  ['JPEG with a byte before it', '\x00\xff\xd8\xff\xe0\x00\x10JFIF\x00'],
  ['half a JPEG mark', '\xff\xd9\xff\xe0\x00\x10JFIF\x00\x01'],
])('%s is unknown', (_what, head) => {
  expect(detectFormat(bytes(head))).toBe('unknown');
  expect(detectContentType(bytes(head))).toBe('unknown');
});
