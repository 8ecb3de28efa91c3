/** Decodes a directory of pictures: `... decoder|sharp DIRECTORY`. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import pLimit from 'p-limit';
import sharp from 'sharp';
import { detectContentType, UNKNOWN_CONTENT_TYPE } from '../../src/domain/image-format.ts';
import { createImageDecoder } from '../../src/shared/image-decoder.ts';
import { measureRound } from './rounds.ts';

const [what, directory = ''] = process.argv.slice(2);
const CONCURRENCY = 10;
const THUMBNAIL_SIZE_PX = 320;

const decoder = createImageDecoder({
  IMAGE_MAX_PIXELS: 100_000_000,
  IMAGE_MAX_FRAMES: 500,
  IMAGE_DECODE_TIMEOUT_SECS: 20,
  THUMBNAIL_SIZE_PX,
});

async function withDecoder(bytes: Buffer): Promise<void> {
  const contentType = detectContentType(bytes);
  if (contentType === UNKNOWN_CONTENT_TYPE) throw new Error('the corpus holds something unknown');
  const result = await decoder.decode(bytes, contentType);
  if (typeof result === 'string') throw new Error(`refused as ${result}`);
}

/** The least that sharp can be asked for: decode, resize, write a JPEG. */
async function withSharp(bytes: Buffer): Promise<void> {
  const box = { fit: 'inside' as const, withoutEnlargement: true };
  const image = sharp(bytes).resize(THUMBNAIL_SIZE_PX, THUMBNAIL_SIZE_PX, box);
  await image.jpeg({ quality: 80 }).toBuffer();
}

const names = await readdir(directory);
const files = await Promise.all(names.map((name) => readFile(path.join(directory, name))));
const limit = pLimit(CONCURRENCY);
const decode = what === 'sharp' ? withSharp : withDecoder;

measureRound(async () => {
  await Promise.all(files.map((bytes) => limit(() => decode(bytes))));
});
