import sharp from 'sharp';
import type { ContentType } from '../../src/domain/content-types.ts';

export type TinyImages = Record<ContentType, Buffer>;

/** A real picture of every content type; another `shade` (0 to 255) makes other bytes. */
export async function drawTinyImages(shade = 128): Promise<TinyImages> {
  const picture = () =>
    sharp({
      create: { width: 8, height: 6, channels: 3, background: { r: shade, g: 40, b: 90 } },
    });
  return {
    'image/jpeg': await picture().jpeg().toBuffer(),
    'image/png': await picture().png().toBuffer(),
    'image/webp': await picture().webp().toBuffer(),
    'image/avif': await picture().avif({ effort: 0 }).toBuffer(),
    'image/gif': await picture().gif().toBuffer(),
  };
}
