import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Bench, BenchOptions, BenchResult } from '../kit/bench.ts';
import { type Contestant, startContestant } from '../kit/contestant.ts';
import { takeTurns } from '../kit/rounds.ts';
import { compareRounds } from '../kit/rows.ts';
import { withScratchDirectory } from '../kit/scratch.ts';
import { type BenchImage, drawBenchCorpus, writeCorpus } from './corpus.ts';
import type { RoundAnswer } from './rounds.ts';

const MILLISECONDS = 1000;

/** What a picture costs the worker, by format. */
export const decodeFormatsBench: Bench = {
  name: 'decode-formats',
  title: 'CPU time to check a picture and make its thumbnail, by format, beside sharp alone',
  rounds: 5,
  async run(options) {
    const images = await drawBenchCorpus(() => options.progress('drawing pictures'));
    return withScratchDirectory('formats', (directory) => measure(directory, images, options));
  },
};

async function measure(
  directory: string,
  images: BenchImage[],
  options: BenchOptions,
): Promise<BenchResult> {
  const formats = Map.groupBy(images, ({ contentType }) => contentType);
  const started: Contestant[] = [];
  const turns: Record<string, () => Promise<RoundAnswer>> = {};
  try {
    for (const [contentType, ofFormat] of formats) {
      const folder = path.join(directory, contentType.replace('/', '-'));
      await mkdir(folder);
      await writeCorpus(folder, ofFormat);
      for (const way of ['decoder', 'sharp']) {
        const contestant = await startContestant(new URL('./decode-process.ts', import.meta.url), {
          args: [way, folder],
          signal: options.signal,
        });
        started.push(contestant);
        turns[`${way} ${contentType}`] = () => contestant.ask<RoundAnswer>('round');
      }
    }
    const samples = await takeTurns(turns, options);
    const cost = (way: string, contentType: string, pictures: number) =>
      (samples[`${way} ${contentType}`] ?? []).map(
        ({ cpuSeconds }) => (cpuSeconds * MILLISECONDS) / pictures,
      );
    return {
      rows: Array.from(formats, ([contentType, { length }]) =>
        compareRounds({
          ...{ what: contentType, unit: 'CPU ms a picture', goal: null },
          ours: cost('decoder', contentType, length),
          limit: cost('sharp', contentType, length),
        }),
      ),
      notes: ['Pictures of 2 to 12 megapixels (GIF: 1 to 2), the mean of each format.'],
    };
  } finally {
    for (const contestant of started) await contestant.stop();
  }
}
