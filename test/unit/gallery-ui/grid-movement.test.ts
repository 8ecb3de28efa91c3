import { describe, expect, test } from '@jest/globals';
import { indexOfKey, moveInGrid, nextIndex } from '../../../src/gallery-ui/view/grid-movement.ts';

/** Three rows of four, the last with two: 0-3, 4-7, 8-9. */
const GRID = { count: 10, columns: 4, pageRows: 2 };

test.each([
  ['ArrowRight', 3, 4],
  ['ArrowRight', 9, 9],
  ['ArrowLeft', 4, 3],
  ['ArrowLeft', 0, 0],
  ['ArrowDown', 1, 5],
  // Below 7 the row is short: its last tile.
  ['ArrowDown', 7, 9],
  ['ArrowDown', 9, 9],
  ['ArrowUp', 6, 2],
  ['ArrowUp', 2, 2],
  ['PageDown', 0, 8],
  ['PageDown', 3, 9],
  ['PageUp', 9, 1],
  ['PageUp', 5, 1],
  ['Home', 6, 4],
  ['End', 4, 7],
  ['End', 8, 9],
])('%s leads from %d to %d', (key, index, next) => {
  expect(moveInGrid(key, false, { ...GRID, index })).toBe(next);
});

test('with Ctrl, Home and End lead to the ends of the grid', () => {
  expect(moveInGrid('Home', true, { ...GRID, index: 6 })).toBe(0);
  expect(moveInGrid('End', true, { ...GRID, index: 6 })).toBe(9);
});

test.each(['Enter', ' ', 'Tab', 'a', 'Escape'])('%s does not move', (key) => {
  expect(moveInGrid(key, false, { ...GRID, index: 0 })).toBeNull();
});

test('no key leads out of a grid of one', () => {
  const keys = ['ArrowRight', 'ArrowLeft', 'ArrowDown', 'ArrowUp', 'PageDown', 'PageUp', 'End'];
  for (const key of keys) {
    expect(moveInGrid(key, false, { index: 0, count: 1, columns: 4, pageRows: 3 })).toBe(0);
  }
});

describe('where a key is', () => {
  const keys = ['a', 'b', 'c', 'b2'];

  test('where it was seen last, or elsewhere, or nowhere', () => {
    expect(indexOfKey(keys, 'b', 1)).toBe(1);
    expect(indexOfKey(keys, 'c', 0)).toBe(2);
    expect(indexOfKey(keys, 'c', 99)).toBe(2);
    expect(indexOfKey(keys, 'x', 1)).toBe(-1);
  });
});

describe('the next good one', () => {
  const keys = ['a', '-', '-', 'b', '-'];
  const isGood = (key: string) => key !== '-';

  test('skips the others, in either direction', () => {
    expect(nextIndex(keys, 0, 1, isGood)).toBe(3);
    expect(nextIndex(keys, 3, -1, isGood)).toBe(0);
  });

  test('is none at the ends', () => {
    expect(nextIndex(keys, 3, 1, isGood)).toBe(-1);
    expect(nextIndex(keys, 0, -1, isGood)).toBe(-1);
  });

  test('is the first and the last from outside', () => {
    expect(nextIndex(keys, -1, 1, isGood)).toBe(0);
    expect(nextIndex(keys, keys.length, -1, isGood)).toBe(3);
  });
});
