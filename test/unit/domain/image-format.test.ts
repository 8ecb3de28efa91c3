import { describe, expect, test } from '@jest/globals';
import {
  contentTypeOf,
  detectContentType,
  detectFormat,
  extensionMatches,
  extensionOf,
  FORMAT_HEAD_BYTES,
  fixExtension,
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
    expect(detectFormat(bytes(head), { strict: true })).toBe(format);
    expect(detectContentType(bytes(head))).toBe(`image/${format}`);
  });

  test('cannot be told from less', () => {
    for (let length = 0; length < FORMAT_HEAD_BYTES; length += 1) {
      const short = bytes(head).subarray(0, length);
      const error = new RangeError(
        `it takes 12 bytes to tell an image format: there are only ${length}`,
      );
      expect(() => detectFormat(short)).toThrow(error);
      expect(() => detectFormat(short, { strict: true })).toThrow(error);
      expect(() => detectContentType(short)).toThrow(error);
      expect(() => extensionMatches('a.jpg', short)).toThrow(error);
      expect(() => fixExtension('a.jpg', short)).toThrow(error);
    }
  });
});

test.each([
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
])('%s is unknown', (_what, start) => {
  const head = start.padEnd(FORMAT_HEAD_BYTES, '\x00');
  expect(detectFormat(bytes(head))).toBe('unknown');
  expect(detectContentType(bytes(head))).toBe('application/octet-stream');
  expect(() => detectFormat(bytes(head), { strict: true })).toThrow(
    'the first 12 bytes are of no known image format',
  );
});

test.each<[ImageFormat | 'unknown', string, string]>([
  ['jpeg', 'image/jpeg', '.jpg'],
  ['png', 'image/png', '.png'],
  ['webp', 'image/webp', '.webp'],
  ['avif', 'image/avif', '.avif'],
  ['gif', 'image/gif', '.gif'],
  ['unknown', 'application/octet-stream', ''],
])('%s is %s and ends in "%s"', (format, contentType, extension) => {
  expect(contentTypeOf(format)).toBe(contentType);
  expect(extensionOf(format)).toBe(extension);
});

const JPEG = bytes('\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01');
const PNG = bytes('\x89PNG\r\n\x1a\n\x00\x00\x00\r');
const TEXT = bytes('just some text');

test.each<[string, Uint8Array, string]>([
  // Right already: nothing to fix.
  ['a.jpg', JPEG, 'a.jpg'],
  ['a.jpeg', JPEG, 'a.jpeg'],
  ['a.JPG', JPEG, 'a.JPG'],
  ['a.JpEg', JPEG, 'a.JpEg'],
  ['dir.png/a.jpg', JPEG, 'dir.png/a.jpg'],
  ['.hidden.PNG', PNG, '.hidden.PNG'],
  ['plain', TEXT, 'plain'],
])('the extension of %j matches', (name, head, fixed) => {
  expect(extensionMatches(name, head)).toBe(true);
  expect(fixExtension(name, head)).toBe(fixed);
});

test.each<[string, Uint8Array, string]>([
  ['a.png', JPEG, 'a.jpg'],
  ['a.jpg', PNG, 'a.png'],
  ['a.jpeg', PNG, 'a.png'],
  ['a.jpe', JPEG, 'a.jpg'],
  ['a.PNG', JPEG, 'a.jpg'],
  ['/path/to/a.png', JPEG, '/path/to/a.jpg'],
  ['a.tar.png', JPEG, 'a.tar.jpg'],
  ['a.jpg.png', JPEG, 'a.jpg.jpg'],
  ['v1.2/a', JPEG, 'v1.2/a.jpg'],
  ['v1.2/a.png', JPEG, 'v1.2/a.jpg'],
  ['a.jpg/b', JPEG, 'a.jpg/b.jpg'],
  ['plain', PNG, 'plain.png'],
  // A hidden file has no extension, whatever it is called.
  ['.png', JPEG, '.png.jpg'],
  ['.png', PNG, '.png.png'],
  ['dir/.png', JPEG, 'dir/.png.jpg'],
  ['dir/.hidden.png', JPEG, 'dir/.hidden.jpg'],
  ['a.', JPEG, 'a.jpg'],
  ['a..png', JPEG, 'a..jpg'],
  ['..png', JPEG, '..jpg'],
  ['жук 1.png', JPEG, 'жук 1.jpg'],
  ['\u{1f41e}.png', JPEG, '\u{1f41e}.jpg'],
  // No name to end, and no format to name: left as they are.
  ['', JPEG, ''],
  ['dir/', JPEG, 'dir/'],
  ['a.png', TEXT, 'a.png'],
  ['report.pdf', TEXT, 'report.pdf'],
])('the extension of %j does not match', (name, head, fixed) => {
  expect(extensionMatches(name, head)).toBe(false);
  expect(fixExtension(name, head)).toBe(fixed);
});
