import { describe, expect, test } from '@jest/globals';
import {
  countOf,
  lifetimeInWords,
  percentOf,
  sizeInWords,
} from '../../../src/gallery-ui/view/words.ts';

test.each([
  [0, '0 bytes'],
  [1, '1 byte'],
  [999, '999 bytes'],
  [1_000, '1 kB'],
  [1_234, '1.23 kB'],
  [999_499, '999 kB'],
  // Never `1,000 kB`.
  [999_999, '1 MB'],
  [2_345_678, '2.35 MB'],
  [10_485_760, '10.5 MB'],
  [1_500_000_000, '1.5 GB'],
  [5_000_000_000_000_000, '5,000 TB'],
])('%d bytes are %s', (bytes, words) => {
  expect(sizeInWords(bytes)).toBe(words);
});

test('counts have their commas and their plural', () => {
  expect(countOf(0, 'picture')).toBe('0 pictures');
  expect(countOf(1, 'picture')).toBe('1 picture');
  expect(countOf(1_234, 'picture')).toBe('1,234 pictures');
});

test.each([
  [0, 100, 0],
  [1, 3, 33],
  // 100 is said when it is so.
  [999, 1_000, 99],
  [1_000, 1_000, 100],
  [1_001, 1_000, 100],
  [0, 0, 0],
])('%d of %d are %d percent', (part, whole, percent) => {
  expect(percentOf(part, whole)).toBe(percent);
});

describe('how long a link is good for', () => {
  const now = new Date(2026, 1, 22, 10, 0, 0).getTime();

  test('is told with its end', () => {
    expect(lifetimeInWords(10 * 60_000, now)).toBe('for 10 minutes, until 10:10');
  });

  test('is not cut short by the time that the answer took', () => {
    expect(lifetimeInWords(10 * 60_000 - 800, now)).toBe('for 10 minutes, until 10:09');
  });

  test('is rounded down', () => {
    expect(lifetimeInWords(119_000 - 5_000, now)).toBe('for 1 minute, until 10:01');
    expect(lifetimeInWords(30_000, now)).toBe('for less than a minute');
  });
});
