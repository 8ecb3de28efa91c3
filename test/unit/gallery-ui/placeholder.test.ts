import { expect, test } from '@jest/globals';
import { rgbaToThumbHash } from 'thumbhash';
import { placeholderUrl } from '../../../src/gallery-ui/view/placeholder.ts';

const PIXELS = Array.from({ length: 64 }, () => [200, 60, 30, 255]).flat();
const HASH = Buffer.from(rgbaToThumbHash(8, 8, PIXELS)).toString('base64');

test('a thumbhash becomes a small PNG', () => {
  const url = placeholderUrl(HASH) ?? '';
  expect(url).toMatch(/^data:image\/png;base64,/);
  const bytes = Buffer.from(url.slice(url.indexOf(',') + 1), 'base64');
  expect([...bytes.subarray(0, 8)]).toEqual([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  expect(bytes.length).toBeLessThan(6_000);
});

test('it is decoded once', () => {
  expect(placeholderUrl(HASH)).toBe(placeholderUrl(HASH));
});

test.each(['', '!', 'AAAA', 'no_base64'])('%j is no thumbhash', (text) => {
  expect(placeholderUrl(text)).toBeNull();
});
