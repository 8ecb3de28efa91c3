import { describe, expect, test } from '@jest/globals';
import sharp from 'sharp';
import { thumbHashToApproximateAspectRatio } from 'thumbhash';
import type { DecodedImage } from '../../src/shared/image-decoder.ts';
import { drawCorpus, GPS_EXIF } from '../support/corpus.ts';
import { testDecoder } from '../support/decoder.ts';
import { animation, QUARTERS, quarters } from '../support/pictures.ts';

const decoder = testDecoder();
const corpus = await drawCorpus();

async function decoded(bytes: Buffer, contentType: (typeof corpus)[number]['contentType']) {
  const result = await decoder.decode(bytes, contentType);
  if (typeof result === 'string') throw new Error(`refused as ${result}`);
  return result;
}

/** How far the four corners are from the colours of `quarters`, the worst of all channels. */
async function worstCorner({ thumbnail }: DecodedImage): Promise<number> {
  const { data, info } = await sharp(thumbnail).raw().toBuffer({ resolveWithObject: true });
  const inset = 0.15;
  const differences = QUARTERS.flatMap((colour, index) => {
    const x = Math.floor(info.width * (index % 2 === 0 ? inset : 1 - inset));
    const y = Math.floor(info.height * (index < 2 ? inset : 1 - inset));
    const offset = (y * info.width + x) * info.channels;
    return colour.map((value, channel) => Math.abs(value - (data[offset + channel] ?? 0)));
  });
  return Math.max(...differences);
}

describe.each(corpus)('$name', ({ contentType, bytes, width, height, inColour }) => {
  test('is taken, with its size as displayed', async () => {
    expect(await decoded(bytes, contentType)).toMatchObject({ width, height });
  });

  test('has a thumbnail: JPEG, upright, bare, not enlarged', async () => {
    const image = await decoded(bytes, contentType);
    const metadata = await sharp(image.thumbnail).metadata();
    const shrink = Math.min(1, 320 / Math.max(width, height));
    expect(metadata).toMatchObject({
      format: 'jpeg',
      width: Math.max(1, Math.round(width * shrink)),
      height: Math.max(1, Math.round(height * shrink)),
      channels: 3,
      space: 'srgb',
    });
    for (const field of ['exif', 'icc', 'xmp', 'iptc', 'orientation'] as const) {
      expect(metadata[field]).toBeUndefined();
    }
    // CMYK without a profile comes out a little off; the wrong corner is off by 190.
    if (inColour) expect(await worstCorner(image)).toBeLessThan(100);
  });

  test('has a placeholder of the same shape', async () => {
    const image = await decoded(bytes, contentType);
    const hash = Buffer.from(image.thumbhash, 'base64');
    expect(hash.length).toBeGreaterThanOrEqual(5);
    expect(hash.length).toBeLessThanOrEqual(25);
    expect(thumbHashToApproximateAspectRatio(hash) >= 1).toBe(width >= height);
  });
});

test('where a picture was taken is in none of its thumbnails', async () => {
  for (const draw of [
    quarters().jpeg().withExif(GPS_EXIF),
    quarters().webp().withExif(GPS_EXIF),
    quarters().png().withExif(GPS_EXIF),
  ]) {
    const bytes = await draw.toBuffer();
    const { format } = await sharp(bytes).metadata();
    const longitude = Buffer.alloc(4);
    longitude.writeUInt32LE(123_456_789);
    const secrets = [longitude, Buffer.from(longitude).reverse(), 'SecretCamera', 'Somebody'];
    expect(secrets.some((secret) => bytes.includes(secret))).toBe(true);
    const { thumbnail } = await decoded(bytes, `image/${format}` as 'image/png');
    for (const secret of secrets) expect(thumbnail.includes(secret)).toBe(false);
  }
});

test('what is transparent is white in the thumbnail', async () => {
  const clear = { r: 10, g: 200, b: 30, alpha: 0 };
  const create = { width: 40, height: 40, channels: 4 as const, background: clear };
  const bytes = await sharp({ create }).png().toBuffer();
  const { thumbnail } = await decoded(bytes, 'image/png');
  const { dominant } = await sharp(thumbnail).stats();
  expect(dominant).toMatchObject({ r: 248, g: 248, b: 248 });
});

test('the thumbnail of an animation is its first frame', async () => {
  const bytes = await (await animation()).gif().toBuffer();
  expect(await worstCorner(await decoded(bytes, 'image/gif'))).toBeLessThan(20);
});

describe('limits', () => {
  test('pixels count over all frames, up to the limit', async () => {
    const bytes = await (await animation()).gif().toBuffer();
    const total = 64 * 40 * 3;
    const within = testDecoder({ IMAGE_MAX_PIXELS: String(total) });
    expect(await within.decode(bytes, 'image/gif')).toMatchObject({ width: 64 });
    const beyond = testDecoder({ IMAGE_MAX_PIXELS: String(total - 1) });
    expect(await beyond.decode(bytes, 'image/gif')).toBe('DIMENSIONS_EXCEEDED');
  });

  test('frames', async () => {
    const bytes = await (await animation()).webp().toBuffer();
    const within = testDecoder({ IMAGE_MAX_FRAMES: '3' });
    expect(await within.decode(bytes, 'image/webp')).toMatchObject({ width: 64 });
    const beyond = testDecoder({ IMAGE_MAX_FRAMES: '2' });
    expect(await beyond.decode(bytes, 'image/webp')).toBe('DIMENSIONS_EXCEEDED');
  });

  test('the size of the thumbnail', async () => {
    const bytes = await quarters(400, 200).png().toBuffer();
    const result = await testDecoder({ THUMBNAIL_SIZE_PX: '100' }).decode(bytes, 'image/png');
    if (typeof result === 'string') throw new Error(result);
    expect(await sharp(result.thumbnail).metadata()).toMatchObject({ width: 100, height: 50 });
  });
});

test('another type than declared is told by its bytes', async () => {
  const bytes = await quarters().webp().toBuffer();
  expect(await decoder.decode(bytes, 'image/png')).toBe('CONTENT_TYPE_MISMATCH');
});
