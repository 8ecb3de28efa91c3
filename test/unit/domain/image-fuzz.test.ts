import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CONTENT_TYPES } from '../../../src/domain/content-types.ts';
import {
  contentTypeOf,
  detectContentType,
  detectFormat,
  FORMAT_HEAD_BYTES,
} from '../../../src/domain/image-format.ts';
import { reachesItsEnd } from '../../../src/domain/image-structure.ts';
import { withoutJpegOddities } from '../../../src/domain/jpeg-oddities.ts';

const RUNS = Number(process.env.FUZZ_RUNS ?? 500);

/** The format table once more, written as patterns over the first twelve bytes in hexadecimal. */
function referenceFormat(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.subarray(0, 12)).toString('hex');
  const patterns: [string, RegExp][] = [
    ['jpeg', /^ffd8.{20}$/],
    ['png', /^89504e470d0a1a0a.{8}$/],
    ['webp', /^52494646.{8}57454250$/],
    ['gif', /^47494638(37|39)61.{12}$/],
    ['avif', /^.{8}66747970617669(66|73)$/],
  ];
  return patterns.find(([, pattern]) => pattern.test(head))?.[0] ?? 'unknown';
}

const HEADS = [
  '\xff\xd8\xff\xe0\0\x10JFIF\0\x01',
  '\x89PNG\r\n\x1a\n\0\0\0\x0d',
  'RIFF\x10\0\0\0WEBP',
  'GIF89a\x05\0\x05\0\x91\0\0',
  'GIF87a\x05\0\x05\0\0\0\0',
  '\0\0\0\x1cftypavif',
  '\0\0\0\x1cftypavis',
  '\0\0\0\x1cftypheic',
].map((head) => Buffer.from(head, 'latin1'));

/** What the walkers look for, so that they get somewhere. */
const PIECES = [
  ...HEADS,
  ...['\x2c\0\0\0\0\x05\0\x05\0\0\x02', '\x21\xf9\x04', '\0', '\x3b', '\xff\xda\0\x06', '\xff\xd9'],
  ...[
    '\0\0\0\x04IDAT',
    '\0\0\0\0IEND\0\0\0\0',
    '\0\0\0\x08mdat',
    '\0\0\0\x01mdat',
    '\xff\xc0\0\x05',
  ],
].map((piece) => (typeof piece === 'string' ? Buffer.from(piece, 'latin1') : piece));

const anyBytes = fc.uint8Array({ maxLength: 300 });
const almostAnImage = fc
  .tuple(
    fc.constantFrom(...HEADS),
    fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.uint8Array({ maxLength: 40 }))),
  )
  .map(([head, pieces]) => Buffer.concat([head, ...pieces]));
/** A head with one byte changed. */
const almostAHead = fc
  .tuple(fc.constantFrom(...HEADS), fc.nat(11), fc.nat(255))
  .map(([head, place, value]) => {
    const copy = Buffer.from(head);
    copy[place] = value;
    return copy;
  });

test('the format of any bytes is as the reference has it', () => {
  fc.assert(
    fc.property(fc.oneof(anyBytes, almostAnImage, almostAHead), (bytes) => {
      if (bytes.length < FORMAT_HEAD_BYTES) {
        expect(() => detectFormat(bytes)).toThrow(RangeError);
        return;
      }
      const format = detectFormat(bytes);
      expect(format).toBe(referenceFormat(bytes));
      expect(detectContentType(bytes)).toBe(contentTypeOf(format));
      // Twelve bytes decide, whatever follows.
      expect(detectFormat(bytes.subarray(0, 12))).toBe(format);
    }),
    { numRuns: RUNS },
  );
});

test('every file has an end or none, whatever it is made of', () => {
  fc.assert(
    fc.property(
      fc.oneof(anyBytes, almostAnImage),
      fc.constantFrom(...CONTENT_TYPES),
      (bytes, contentType) => {
        expect(typeof reachesItsEnd(bytes, contentType)).toBe('boolean');
      },
    ),
    { numRuns: RUNS },
  );
});

test('a file that reaches its end does so with anything behind it', () => {
  fc.assert(
    fc.property(almostAnImage, anyBytes, (bytes, behind) => {
      for (const contentType of ['image/png', 'image/gif'] as const) {
        if (!reachesItsEnd(bytes, contentType)) continue;
        expect(reachesItsEnd(Buffer.concat([bytes, behind]), contentType)).toBe(true);
      }
    }),
    { numRuns: RUNS },
  );
});

test('mending a JPEG ends, adds nothing, and leaves nothing to mend', () => {
  fc.assert(
    fc.property(fc.oneof(anyBytes, almostAnImage), (bytes) => {
      const before = Uint8Array.from(bytes);
      const mended = withoutJpegOddities(bytes);
      expect(mended.length).toBeLessThanOrEqual(bytes.length);
      expect(Uint8Array.from(bytes)).toEqual(before);
      expect(Buffer.from(withoutJpegOddities(mended)).equals(mended)).toBe(true);
    }),
    { numRuns: RUNS },
  );
});
