import sharp, { type Sharp } from 'sharp';
import { balloon, harbour, mountains, nightSky } from '../scripts/samples/scenes.ts';
import type { ContentType } from '../src/domain/content-types.ts';

export interface BenchImage {
  contentType: ContentType;
  bytes: Buffer;
}

const SCENES = [harbour, mountains, nightSky, balloon];

/** A scene with the grain of a camera: without it, files would be far too small for their size. */
async function photo(index: number, megapixels: number): Promise<Sharp> {
  const width = Math.round(Math.sqrt((megapixels * 1e6 * 4) / 3));
  const height = Math.round((width * 3) / 4);
  const scene = SCENES[index % SCENES.length] ?? mountains;
  const drawing = await sharp(Buffer.from(scene()))
    .resize(width, height, { fit: 'cover' })
    .flatten({ background: '#cde' })
    .png({ compressionLevel: 0 })
    .toBuffer();
  const noise = { type: 'gaussian' as const, mean: 128, sigma: 9 };
  const grain = await sharp({
    create: { width, height, channels: 3, background: '#000', noise },
    limitInputPixels: false,
  })
    .png({ compressionLevel: 0 })
    .toBuffer();
  const data = await sharp(drawing)
    .composite([{ input: grain, blend: 'overlay' }])
    .raw()
    .toBuffer({ resolveWithObject: true });
  return sharp(data.data, { raw: data.info });
}

/** How an image of the corpus is written; every tenth part of it is one of these. */
const KINDS: [ContentType, megapixels: number[], (image: Sharp) => Sharp][] = [
  ['image/jpeg', [12, 8, 5, 12], (image) => image.jpeg({ quality: 85 })],
  ['image/jpeg', [12, 8, 12, 3], (image) => image.jpeg().withMetadata({ orientation: 6 })],
  ['image/jpeg', [2, 3, 4, 2], (image) => image.jpeg({ quality: 80 })],
  ['image/jpeg', [6, 2, 4, 3], (image) => image.jpeg({ quality: 75, progressive: true })],
  ['image/jpeg', [2, 10, 8, 6], (image) => image.jpeg({ quality: 92 })],
  ['image/png', [2, 3, 2, 4], (image) => image.png({ compressionLevel: 6 })],
  ['image/webp', [2, 4, 8, 3], (image) => image.webp({ quality: 80, effort: 1 })],
  ['image/webp', [3, 2, 5, 2], (image) => image.webp({ quality: 75, effort: 1 })],
  ['image/avif', [2, 3, 4, 2], (image) => image.avif({ quality: 55, effort: 0 })],
  ['image/gif', [2, 2, 2, 2], (image) => image.gif({ effort: 1, colours: 64, dither: 0 })],
];

/** Forty pictures of 2 to 12 megapixels in the mix of an upload service: half of them JPEG. */
export async function drawBenchCorpus(): Promise<BenchImage[]> {
  const images: BenchImage[] = [];
  for (const [kind, [contentType, sizes, write]] of KINDS.entries()) {
    for (const [index, megapixels] of sizes.entries()) {
      const image = await photo(kind + index, megapixels);
      images.push({ contentType, bytes: await write(image).toBuffer() });
    }
  }
  return images;
}
