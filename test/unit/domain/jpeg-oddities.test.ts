import { expect, test } from '@jest/globals';
import { withoutJpegOddities } from '../../../src/domain/jpeg-oddities.ts';

/** Hexadecimal, spaces for the eye. */
function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
}

const START = 'ffd8 ffe0 0004 4a46';
const SEQUENTIAL = 'ffc0 0005 080101';
const PROGRESSIVE = 'ffc2 0005 080101';
const SCAN = 'ffda 0006 00';
const DATA = '12 ff00 34 ffd0 56';

test.each([
  ['scan parameters', `${SCAN} 000000 ${DATA} ffd9`, `${SCAN} 003f00 ${DATA} ffd9`],
  ['padding', `${SCAN} 003f00 ${DATA} 000000 ffd9`, `${SCAN} 003f00 ${DATA} ffd9`],
  ['both', `${SCAN} 000000 ${DATA} 00 ffd9`, `${SCAN} 003f00 ${DATA} ffd9`],
  ['padding, stray bytes kept', `${SCAN} 003f00 11 0000 ffd9 aabb`, `${SCAN} 003f00 11 ffd9 aabb`],
  ['a stuffed zero is data', `${SCAN} 003f00 11 ff00 0000 ffd9`, `${SCAN} 003f00 11 ff00 ffd9`],
  ['other padding stays', `${SCAN} 003f00 11 0505 ffd9`, `${SCAN} 003f00 11 0505 ffd9`],
])('%s', (_what, odd, mended) => {
  const file = bytes(`${START} ${SEQUENTIAL} ${odd}`);
  const before = Uint8Array.from(file);
  const result = withoutJpegOddities(file);
  expect(Buffer.from(result).toString('hex')).toBe(
    Buffer.from(bytes(`${START} ${SEQUENTIAL} ${mended}`)).toString('hex'),
  );
  expect(file).toEqual(before);
});

test('the parameters of progressive scans mean something', () => {
  const file = bytes(`${START} ${PROGRESSIVE} ${SCAN} 010502 ${DATA} ${SCAN} 000010 ${DATA} ffd9`);
  expect(withoutJpegOddities(file)).toEqual(file);
});

test('a file that breaks off is as broken afterwards', () => {
  const file = bytes(`${START} ${SEQUENTIAL} ${SCAN} 003f00 ${DATA} 0000 ffd9`);
  for (let cut = 0; cut < file.length - 2; cut += 1) {
    expect(withoutJpegOddities(file.subarray(0, cut)).length).toBe(cut);
  }
});
