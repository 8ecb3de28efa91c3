import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { makeMissingSamples, makeSamples } from '../../../scripts/samples/make-samples.ts';
import { detectContentType } from '../../../src/domain/image-format.ts';

let directory: string;
let files: string[];

beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'samples-'));
  files = await makeSamples(path.join(directory, 'made'));
});

afterAll(() => rm(directory, { recursive: true }));

function sample(name: string): string {
  return path.join(directory, 'made', name);
}

describe('samples', () => {
  it('are one of every type that is taken in, and a PNG that is named as a JPEG', async () => {
    const types = await Promise.all(
      files.map(async (file) => [path.basename(file), detectContentType(await readFile(file))]),
    );
    expect(types).toEqual([
      ['harbour.jpg', 'image/jpeg'],
      ['balloon.png', 'image/png'],
      ['mountains.webp', 'image/webp'],
      ['night-sky.avif', 'image/avif'],
      ['lighthouse.gif', 'image/gif'],
      ['png-in-disguise.jpg', 'image/png'],
    ]);
    expect((await readdir(sample('.'))).length).toBe(6);
  });

  it('are real pictures of some size, each with what its type is good for', async () => {
    for (const file of files) {
      const { data, info } = await sharp(file)
        .autoOrient()
        .raw()
        .toBuffer({ resolveWithObject: true });
      expect(info.width * info.height).toBe(640 * 480);
      // Far from a flat colour.
      expect(new Set(data).size).toBeGreaterThan(30);
      const { length } = await readFile(file);
      expect(length).toBeGreaterThan(5_000);
      expect(length).toBeLessThan(60_000);
    }
    expect(await sharp(sample('harbour.jpg')).metadata()).toMatchObject({
      width: 640,
      height: 480,
      orientation: 6,
      autoOrient: { width: 480, height: 640 },
    });
    const { isOpaque } = await sharp(sample('balloon.png')).stats();
    expect(isOpaque).toBe(false);
    expect((await sharp(sample('lighthouse.gif')).metadata()).pages).toBeGreaterThan(1);
  });

  it('are the same every time', async () => {
    const again = await makeSamples(path.join(directory, 'again'));
    for (const [index, file] of again.entries()) {
      expect((await readFile(file)).equals(await readFile(files[index] ?? ''))).toBe(true);
    }
  });

  it('are left alone where they are there already, unless they are asked for anew', async () => {
    const other = path.join(directory, 'other');
    const [first = '', second = ''] = await makeSamples(other);
    await writeFile(first, 'mine');
    await rm(second);
    await makeMissingSamples(other);
    expect(await readFile(first, 'utf8')).toBe('mine');
    expect((await readFile(second)).length).toBeGreaterThan(5_000);
    await makeSamples(other);
    expect(await readFile(first, 'utf8')).not.toBe('mine');
  });
});
