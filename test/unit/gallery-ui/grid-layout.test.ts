import { describe, expect, test } from '@jest/globals';
import { fitInside, gridLayout } from '../../../src/gallery-ui/view/grid-layout.ts';

const WIDTHS = Array.from({ length: 240 }, (_, step) => 296 + step * 13);

test.each([
  [296, 2],
  [366, 2],
  [720, 4],
  [1_200, 6],
  [2_480, 10],
])('%d pixels have %d columns', (width, columns) => {
  expect(gridLayout(width).columns).toBe(columns);
});

test('the tiles fill the width and never more, at any width', () => {
  for (const width of WIDTHS) {
    const { columns, tile, gap } = gridLayout(width);
    const taken = columns * tile + (columns - 1) * gap;
    expect(taken).toBeLessThanOrEqual(width);
    expect(width - taken).toBeLessThan(columns);
  }
});

test('a tile has room for what it says, and is no poster', () => {
  for (const width of WIDTHS) {
    expect(gridLayout(width).tile).toBeGreaterThanOrEqual(136);
    expect(gridLayout(width).tile).toBeLessThanOrEqual(300);
  }
});

describe('a picture in the lightbox', () => {
  const space = { width: 1_000, height: 800 };

  test('as it is where it fits', () => {
    expect(fitInside({ width: 640, height: 480 }, space)).toEqual({ width: 640, height: 480 });
  });

  test('whole where it is larger', () => {
    expect(fitInside({ width: 4_000, height: 1_000 }, space)).toEqual({
      width: 1_000,
      height: 250,
    });
    expect(fitInside({ width: 1_000, height: 4_000 }, space)).toEqual({ width: 200, height: 800 });
  });

  test('never without any width', () => {
    expect(fitInside({ width: 1, height: 20_000 }, space)).toEqual({ width: 1, height: 800 });
  });

  test('enlarged where it is tiny', () => {
    expect(fitInside({ width: 1, height: 1 }, space)).toEqual({ width: 240, height: 240 });
    expect(fitInside({ width: 1, height: 1 }, { width: 100, height: 90 })).toEqual({
      width: 90,
      height: 90,
    });
  });
});
