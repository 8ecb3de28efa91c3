import { rgbaToThumbHash } from 'thumbhash';

/** Eight bits a channel, row by row: grey or RGB, then alpha if there is any. */
export interface Pixels {
  data: Uint8Array;
  width: number;
  height: number;
  channels: 1 | 2 | 3 | 4;
}

/** A ThumbHash holds seven waves a side at most: more pixels cost time and change nothing. */
const SIDE_PX = 32;

/** How many pixels, a side, stand for all that become one. */
const SAMPLES = 4;

export function hasAlpha({ channels }: Pick<Pixels, 'channels'>): boolean {
  return channels === 2 || channels === 4;
}

/**
 * The placeholder of a small picture, in base64. Shrinks by averaging, here, because starting a
 * pipeline of sharp's for so little costs ten times as much.
 */
export function makeThumbhash(picture: Pixels): string {
  const scale = Math.min(1, SIDE_PX / Math.max(picture.width, picture.height));
  const width = Math.max(1, Math.round(picture.width * scale));
  const height = Math.max(1, Math.round(picture.height * scale));
  const rgba = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    const [top, bottom] = slice(y, height, picture.height);
    for (let x = 0; x < width; x += 1) {
      const [left, right] = slice(x, width, picture.width);
      rgba.set(average(picture, { top, bottom, left, right }), (y * width + x) * 4);
    }
  }
  return Buffer.from(rgbaToThumbHash(width, height, rgba)).toString('base64');
}

/** Which of `from` pixels become pixel `index` of `to`. */
function slice(index: number, to: number, from: number): [start: number, end: number] {
  const start = Math.floor((index * from) / to);
  return [start, Math.max(start + 1, Math.floor(((index + 1) * from) / to))];
}

interface Area {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

/** RGBA; what is transparent counts less, so that its invisible colour does not show. */
function average({ data, width, channels }: Pixels, { top, bottom, left, right }: Area): number[] {
  const withAlpha = hasAlpha({ channels });
  const step = channels < 3 ? 0 : 1;
  let [red, green, blue, weight] = [0, 0, 0, 0];
  let count = 0;
  const yStep = Math.ceil((bottom - top) / SAMPLES);
  const xStep = Math.ceil((right - left) / SAMPLES);
  for (let y = top; y < bottom; y += yStep) {
    for (let x = left; x < right; x += xStep) {
      count += 1;
      const offset = (y * width + x) * channels;
      const alpha = withAlpha ? (data[offset + channels - 1] ?? 0) : 255;
      red += (data[offset] ?? 0) * alpha;
      green += (data[offset + step] ?? 0) * alpha;
      blue += (data[offset + 2 * step] ?? 0) * alpha;
      weight += alpha;
    }
  }
  const colour = [red, green, blue].map((sum) => (weight === 0 ? 0 : Math.round(sum / weight)));
  return [...colour, Math.round(weight / count)];
}
