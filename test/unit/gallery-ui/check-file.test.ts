import { describe, expect, test } from '@jest/globals';
import { FAILURE_WORDS, failureWords } from '../../../src/gallery-ui/failure-words.ts';
import {
  checkFile,
  tooLargeWords,
  uploadName,
} from '../../../src/gallery-ui/uploads/check-file.ts';

const SUPPORTED = 'JPEG, PNG, WebP, AVIF and GIF are.';

describe('a picked file', () => {
  test.each([
    ['a.jpg', 'image/jpeg', 'image/jpeg'],
    ['a.jpg', 'image/jpg', 'image/jpeg'],
    ['a', 'image/PNG', 'image/png'],
    // What the browser says counts, not the name.
    ['a.png', 'image/gif', 'image/gif'],
    ['a.AVIF', '', 'image/avif'],
    ['a.b.jpeg', '', 'image/jpeg'],
  ])('%s of type "%s" is uploaded as %s', (name, type, contentType) => {
    expect(checkFile({ name, type, size: 1 })).toEqual({ contentType });
  });

  test.each([
    ['a.heic', 'image/heic', `HEIC pictures are not supported; ${SUPPORTED}`],
    ['a.HEIC', '', `HEIC pictures are not supported; ${SUPPORTED}`],
    ['a.svg', 'image/svg+xml', `SVG drawings are not supported; ${SUPPORTED}`],
    ['a.tif', 'image/tiff', `TIFF pictures are not supported; ${SUPPORTED}`],
    ['a.jxl', 'image/jxl', `Pictures of this type are not supported; ${SUPPORTED}`],
    ['a.mp4', 'video/mp4', `Videos are not supported; ${SUPPORTED}`],
    ['a.pdf', 'application/pdf', `PDF documents are not supported; ${SUPPORTED}`],
    ['a', '', `Files of this type are not supported; ${SUPPORTED}`],
    ['jpg', '', `Files of this type are not supported; ${SUPPORTED}`],
  ])('%s of type "%s" is refused', (name, type, problem) => {
    expect(checkFile({ name, type, size: 1 })).toEqual({ problem });
  });

  test('without bytes is refused', () => {
    expect(checkFile({ name: 'a.png', type: 'image/png', size: 0 })).toEqual({
      problem: 'This file is empty.',
    });
  });

  test.each([
    ['harbour.jpg', 'harbour.jpg'],
    ['a\u0000b\n.jpg', 'ab.jpg'],
    ['', 'picture'],
    ['\n', 'picture'],
    [`${'🌊'.repeat(300)}.jpeg`, `${'🌊'.repeat(250)}.jpeg`],
    ['x'.repeat(300), 'x'.repeat(255)],
    ['\ud800.png', '\ufffd.png'],
  ])('called %j is uploaded as %j', (name, expected) => {
    expect(uploadName(name)).toBe(expected);
  });
});

test.each([
  [10_485_760, 'This file is too large; up to 10 MB are taken.'],
  [1_600_000, 'This file is too large; up to 1.5 MB are taken.'],
  [2048, 'This file is too large; up to 2 KB are taken.'],
  [10, 'This file is too large; up to 10 bytes are taken.'],
  [null, 'This file is too large.'],
])('a limit of %s bytes is told as "%s"', (maxBytes, words) => {
  expect(tooLargeWords(maxBytes)).toBe(words);
});

describe('a FAILED image', () => {
  test('says why, with the name of the type that it was to be', () => {
    const image = { status: 'FAILED', contentType: 'image/jpeg' } as const;
    expect(failureWords({ ...image, failureReason: 'CONTENT_TYPE_MISMATCH' })).toBe(
      'This file is not the JPEG picture it says it is.',
    );
    expect(failureWords({ ...image, failureReason: null })).toMatch(/could not/);
    expect(failureWords({ ...image, status: 'READY', failureReason: null })).toBeNull();
  });

  test('never says it in capitals and underscores', () => {
    for (const words of Object.values(FAILURE_WORDS)) {
      expect(words('WebP')).not.toMatch(/_|[A-Z]{5}/);
      expect(words('WebP')).toMatch(/\.$/);
    }
  });
});
