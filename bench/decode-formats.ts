import sharp from 'sharp';
import type { ContentType } from '../src/domain/content-types.ts';
import { createImageDecoder } from '../src/shared/image-decoder.ts';
import type { Bench } from './kit/bench.ts';
import { type BenchImage, drawBenchCorpus } from './worker-corpus.ts';

const THUMBNAIL_SIZE_PX = 320;

const decoder = createImageDecoder({
  IMAGE_MAX_PIXELS: 100_000_000,
  IMAGE_MAX_FRAMES: 500,
  IMAGE_DECODE_TIMEOUT_SECS: 60,
  THUMBNAIL_SIZE_PX,
});

/** What a picture costs the worker, by format: `npm run bench -- decode-formats`. */
export const decodeFormatsBench: Bench = {
  name: 'decode-formats',
  title: 'CPU time to check a picture and make its thumbnail, by format, beside sharp alone.',

  async run({ rounds, progress }) {
    progress('drawing the corpus');
    const formats = Map.groupBy(await drawBenchCorpus(), ({ contentType }) => contentType);
    const measured = Array.from(formats, ([contentType, images]) => ({
      ...{ contentType, images },
      ours: [] as number[],
      alone: [] as number[],
    }));
    // The first round warms up. Formats and contestants take turns within a round.
    for (let round = 0; round <= rounds; round += 1) {
      for (const { contentType, images, ours, alone } of measured) {
        const mine = await cpuMsOf(images, (image) => checkPicture(image, contentType));
        const least = await cpuMsOf(images, resizeAlone);
        if (round > 0) ours.push(mine);
        if (round > 0) alone.push(least);
      }
      progress(`round ${round} of ${rounds}`);
    }
    return {
      rows: measured.map(({ contentType, ours, alone }) => ({
        what: contentType,
        unit: 'CPU ms a picture',
        ours: median(ours),
        limit: median(alone),
        ratio: median(ours) / median(alone),
        goal: null,
      })),
      notes: ['Pictures of 2 to 12 megapixels (GIF: 1 to 2), the mean of each format.'],
    };
  },
};

/** Of this whole process, libvips' threads included: nothing else may run in it. */
async function cpuMsOf(
  images: readonly BenchImage[],
  work: (image: BenchImage) => Promise<void>,
): Promise<number> {
  const before = process.cpuUsage();
  for (const image of images) await work(image);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / images.length;
}

async function checkPicture({ bytes }: BenchImage, contentType: ContentType): Promise<void> {
  const result = await decoder.decode(bytes, contentType);
  if (typeof result === 'string') throw new Error(`refused as ${result}`);
}

async function resizeAlone({ bytes }: BenchImage): Promise<void> {
  const box = { fit: 'inside' as const, withoutEnlargement: true };
  const image = sharp(bytes).resize(THUMBNAIL_SIZE_PX, THUMBNAIL_SIZE_PX, box);
  await image.jpeg({ quality: 80 }).toBuffer();
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
