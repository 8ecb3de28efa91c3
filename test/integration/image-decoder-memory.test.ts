import { expect, test } from '@jest/globals';
import sharp, { type Sharp } from 'sharp';
import type { ContentType } from '../../src/domain/content-types.ts';
import { noise } from '../support/pictures.ts';
import { type NamedFile, runInspection } from '../support/run-inspection.ts';

const MAX_RSS_BYTES = 768 * 2 ** 20;

/** Of that many pixels, with details every `grain` pixels: the finer, the larger its file. */
async function picture(width: number, height: number, grain: number): Promise<() => Sharp> {
  const small = noise(Math.round(width / grain), Math.round(height / grain));
  const coarse = await small.png().toBuffer();
  const data = await sharp(coarse).resize(width, height, { fit: 'fill' }).raw().toBuffer();
  return () => sharp(data, { raw: { width, height, channels: 3 } });
}

/** Ten files of some 10 MB each, the largest there are of every kind. */
async function drawTenLarge(): Promise<NamedFile[]> {
  const vast = await picture(8700, 5800, 16);
  const plain = await picture(8700, 5800, 200);
  const phone = await picture(4000, 3000, 4);
  const fine = await picture(2400, 1700, 3);
  const drafts: [string, ContentType, Sharp][] = [
    ['50 megapixels', 'image/jpeg', vast().jpeg({ quality: 93 })],
    ['50 megapixels, progressive', 'image/jpeg', vast().jpeg({ quality: 90, progressive: true })],
    [
      '50 megapixels, progressive, 4:4:4',
      'image/jpeg',
      plain().jpeg({ progressive: true, chromaSubsampling: '4:4:4' }),
    ],
    ['50 megapixels', 'image/png', plain().png({ compressionLevel: 1, adaptiveFiltering: true })],
    ['interlaced', 'image/png', fine().png({ progressive: true, compressionLevel: 1 })],
    ['plain', 'image/png', fine().png({ compressionLevel: 1 })],
    ['lossy', 'image/webp', phone().webp({ quality: 95, effort: 0 })],
    ['lossless', 'image/webp', fine().webp({ lossless: true, effort: 0 })],
    ['12 megapixels', 'image/avif', phone().avif({ quality: 80, effort: 0 })],
    ['10 bits', 'image/avif', fine().avif({ quality: 95, effort: 0, bitdepth: 10 })],
  ];
  const files: NamedFile[] = [];
  for (const [what, contentType, image] of drafts) {
    files.push({ name: `${contentType} ${what}`, contentType, bytes: await image.toBuffer() });
  }
  return files;
}

test('ten large files at once stay below 768 MB, again and again, and let the loop turn', async () => {
  const files = await drawTenLarge();
  const report = await runInspection(files, 3);
  expect(Object.keys(report.verdicts)).toHaveLength(files.length);
  for (const verdict of Object.values(report.verdicts)) expect(verdict).toMatch(/^\d+x\d+$/);
  expect(report.peakRssBytes).toBeLessThan(MAX_RSS_BYTES);
  // Of processor time, which other processes do not change: decoding in the loop would be all of it.
  expect(report.loopCpuShare).toBeLessThan(0.5);
}, 900_000);
