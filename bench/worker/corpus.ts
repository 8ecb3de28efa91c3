import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { balloon, harbour, mountains, nightSky } from '../../scripts/samples/scenes.ts';
import type { ContentType } from '../../src/domain/content-types.ts';

export interface BenchImage {
  contentType: ContentType;
  bytes: Buffer;
}

const SCENES = [harbour, mountains, nightSky, balloon];

/** How strong the grain is, in steps of 255. */
const GRAIN = 12;
const GRAINY: ContentType[] = ['image/jpeg', 'image/webp', 'image/avif'];

/** A scene, with the grain of a camera where cameras write that type: it is what fills files. */
async function photo(index: number, megapixels: number, contentType: ContentType): Promise<Sharp> {
  const width = Math.round(Math.sqrt((megapixels * 1e6 * 4) / 3));
  const height = Math.round((width * 3) / 4);
  const scene = SCENES[index % SCENES.length] ?? mountains;
  const drawing = await sharp(Buffer.from(scene())).flatten({ background: '#cde' }).toBuffer();
  const { data, info } = await sharp(drawing)
    .resize(width, height, { fit: 'cover' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  if (GRAINY.includes(contentType)) addGrain(data);
  return sharp(data, { raw: info });
}

function addGrain(pixels: Buffer): void {
  const grain = randomBytes(1_000_003);
  for (let index = 0; index < pixels.length; index += 1) {
    const step = (((grain[index % grain.length] ?? 0) - 128) * GRAIN) / 128;
    pixels[index] = Math.max(0, Math.min(255, Math.round((pixels[index] ?? 0) + step)));
  }
}

/** As phones and cameras have them, from a cropped picture to a full one. */
const MEGAPIXELS = [2, 4, 8, 12];
/** Nobody writes larger ones. */
const GIF_MEGAPIXELS = [1, 1, 2, 2];

/** How a tenth of the corpus is written, each. */
const KINDS: [ContentType, (image: Sharp) => Sharp][] = [
  ['image/jpeg', (image) => image.jpeg({ quality: 85 })],
  ['image/jpeg', (image) => image.jpeg().withMetadata({ orientation: 6 })],
  ['image/jpeg', (image) => image.jpeg({ quality: 75 })],
  ['image/jpeg', (image) => image.jpeg({ quality: 75, progressive: true })],
  ['image/jpeg', (image) => image.jpeg({ quality: 92 })],
  ['image/png', (image) => image.png({ compressionLevel: 6 })],
  ['image/webp', (image) => image.webp({ quality: 80, effort: 1 })],
  ['image/webp', (image) => image.webp({ quality: 75, effort: 1 })],
  ['image/avif', (image) => image.avif({ quality: 55, effort: 0 })],
  ['image/gif', (image) => image.gif({ effort: 1, colours: 64, dither: 0 })],
];

/**
 * Forty pictures of 1 to 12 megapixels in the mix of an upload service, half of them JPEG.
 *
 * @param onKind called before each tenth of them
 */
export async function drawBenchCorpus(onKind: () => void): Promise<BenchImage[]> {
  const images: BenchImage[] = [];
  for (const [kind, [contentType, write]] of KINDS.entries()) {
    onKind();
    const sizes = contentType === 'image/gif' ? GIF_MEGAPIXELS : MEGAPIXELS;
    for (const [index, megapixels] of sizes.entries()) {
      const image = await photo(kind + index, megapixels, contentType);
      images.push({ contentType, bytes: await write(image).toBuffer() });
    }
  }
  return images;
}

/** Each picture in a file of the directory. */
export async function writeCorpus(directory: string, images: BenchImage[]): Promise<void> {
  for (const [index, { bytes }] of images.entries()) {
    await writeFile(path.join(directory, String(index)), bytes);
  }
}
