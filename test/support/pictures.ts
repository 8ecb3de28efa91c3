/** What the pictures of tests show. */
import sharp, { type Sharp } from 'sharp';

export const WIDTH = 64;
export const HEIGHT = 40;
const RED = [220, 30, 30];
const GREEN = [30, 200, 30];
const BLUE = [30, 30, 220];
const YELLOW = [230, 220, 30];
/** Top left, top right, bottom left, bottom right. */
export const QUARTERS = [RED, GREEN, BLUE, YELLOW];

/** Four quarters of one colour each: whether a picture is upright shows in its corners. */
export function quarters(width = WIDTH, height = HEIGHT, darker = 0): Sharp {
  const data = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const colour = QUARTERS[(x < width / 2 ? 0 : 1) + (y < height / 2 ? 0 : 2)] ?? [];
      data.set(
        colour.map((value) => Math.max(0, value - darker)),
        (y * width + x) * 3,
      );
    }
  }
  return sharp(data, { raw: { width, height, channels: 3 } });
}

/** Noise: no part of its file can be missed. */
export function noise(width: number, height: number, channels: 1 | 2 | 3 | 4 = 3, seed = 1): Sharp {
  const data = Buffer.alloc(width * height * channels);
  let state = seed;
  for (let index = 0; index < data.length; index += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    data[index] = state >>> 24;
  }
  return sharp(data, { raw: { width, height, channels } });
}

/** Frames that get darker, red at first. */
export async function animation(): Promise<Sharp> {
  const frames = await Promise.all(
    [0, 30, 60].map((darker) => quarters(WIDTH, HEIGHT, darker).png().toBuffer()),
  );
  return sharp(frames, { join: { animated: true } });
}
