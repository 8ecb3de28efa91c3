import { expect, test } from '@jest/globals';
import { thumbHashToAverageRGBA, thumbHashToRGBA } from 'thumbhash';
import { makeThumbhash, type Pixels } from '../../../src/shared/thumbhash.ts';

/** Every pixel of the same value. */
function plain(width: number, height: number, pixel: number[]): Pixels {
  return {
    data: Uint8Array.from(Array.from({ length: width * height }, () => pixel).flat()),
    width,
    height,
    channels: pixel.length as Pixels['channels'],
  };
}

function averageOf(picture: Pixels): number[] {
  const { r, g, b, a } = thumbHashToAverageRGBA(Buffer.from(makeThumbhash(picture), 'base64'));
  return [r, g, b, a].map((value) => Math.round(value * 10));
}

test.each([
  ['RGB', [255, 0, 0], [10, 0, 0, 10]],
  ['RGBA', [0, 255, 0, 255], [0, 10, 0, 10]],
  ['grey', [255], [10, 10, 10, 10]],
  ['grey with alpha', [255, 255], [10, 10, 10, 10]],
])('%s', (_what, pixel, expected) => {
  expect(averageOf(plain(320, 200, pixel))).toEqual(expected);
  expect(averageOf(plain(3, 2, pixel))).toEqual(expected);
});

test.each([
  [1, 1],
  [1, 320],
  [320, 1],
  [33, 31],
])('%i by %i', (width, height) => {
  expect(averageOf(plain(width, height, [0, 0, 255]))).toEqual([0, 0, 10, 10]);
});

test('the colour of what is transparent does not show', () => {
  const picture = plain(64, 64, [255, 0, 0, 0]);
  for (let offset = 0; offset < picture.data.length; offset += 8) {
    picture.data.set([0, 0, 255, 255], offset);
  }
  const [red, , blue] = averageOf(picture);
  expect([red, blue]).toEqual([0, 10]);
});

test('left stays left and top stays top', () => {
  const picture = plain(320, 160, [0, 0, 0]);
  for (let y = 0; y < 80; y += 1) picture.data.fill(255, y * 960, y * 960 + 480);
  const { w, h, rgba } = thumbHashToRGBA(Buffer.from(makeThumbhash(picture), 'base64'));
  const at = (x: number, y: number) => rgba[(y * w + x) * 4] ?? 0;
  const corners = [at(1, 1), at(w - 2, 1), at(1, h - 2), at(w - 2, h - 2)];
  expect(corners.map((value) => value > 128)).toEqual([true, false, false, false]);
});
