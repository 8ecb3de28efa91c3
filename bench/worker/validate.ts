import type { Bench, BenchOptions, BenchResult } from '../kit/bench.ts';
import { type Contestant, startContestant } from '../kit/contestant.ts';
import { takeTurns } from '../kit/rounds.ts';
import { compareRounds, median, tell } from '../kit/rows.ts';
import { withScratchDirectory } from '../kit/scratch.ts';
import { type BenchImage, drawBenchCorpus, writeCorpus } from './corpus.ts';
import type { RoundAnswer } from './rounds.ts';
import { type Surroundings, startSurroundings } from './surroundings.ts';

/** Images through the whole worker, through its decoder alone, and through sharp alone. */
export const validateBench: Bench = {
  name: 'validate',
  title: 'Images validated by the whole worker, against sharp alone decoding and resizing them',
  rounds: 9,
  async run(options) {
    const images = await drawBenchCorpus(() => options.progress('drawing pictures'));
    return withScratchDirectory('corpus', async (directory) => {
      await writeCorpus(directory, images);
      const surroundings = await startSurroundings();
      try {
        return await measure(images, directory, surroundings, options);
      } finally {
        await surroundings.close();
      }
    });
  },
};

async function measure(
  images: BenchImage[],
  directory: string,
  surroundings: Surroundings,
  options: BenchOptions,
): Promise<BenchResult> {
  const { signal } = options;
  const started: Contestant[] = [];
  async function start(file: string, args: string[], env = process.env): Promise<Contestant> {
    const contestant = await startContestant(new URL(file, import.meta.url), { args, env, signal });
    started.push(contestant);
    return contestant;
  }
  try {
    const count = String(images.length);
    const worker = await start('./worker-process.ts', [count], surroundings.environment);
    const decoder = await start('./decode-process.ts', ['decoder', directory]);
    const sharp = await start('./decode-process.ts', ['sharp', directory]);
    const upload = () => surroundings.upload(images);
    const samples = await takeTurns(
      {
        worker: () => worker.ask<RoundAnswer>('round', upload),
        decoder: () => decoder.ask<RoundAnswer>('round'),
        sharp: () => sharp.ask<RoundAnswer>('round'),
      },
      options,
    );
    return resultOf(images.length, samples);
  } finally {
    for (const contestant of started) await contestant.stop();
  }
}

function resultOf(
  images: number,
  samples: Record<'worker' | 'decoder' | 'sharp', RoundAnswer[]>,
): BenchResult {
  const rate = (answers: RoundAnswer[], of: keyof RoundAnswer) =>
    answers.map((answer) => images / answer[of]);
  const unit = 'images per CPU second';
  const limit = rate(samples.sharp, 'cpuSeconds');
  const [worker, decoder] = [samples.worker, samples.decoder];
  return {
    rows: [
      compareRounds({
        ...{ what: 'the whole worker against sharp alone', unit, limit },
        ours: rate(worker, 'cpuSeconds'),
        goal: { atLeast: 0.8 },
      }),
      compareRounds({
        ...{ what: 'its decoder alone', unit, limit },
        ours: rate(decoder, 'cpuSeconds'),
        goal: null,
      }),
      tell(
        'the whole worker by the clock',
        'images per second',
        median(rate(worker, 'wallSeconds')),
      ),
    ],
    notes: [
      `${images} pictures of 1 to 12 megapixels as an upload service gets them, half of them JPEG, the others progressive JPEG, PNG, WebP, AVIF and GIF. The worker takes them from a real queue and bucket, and checks, decodes, writes thumbnail and record, ten at a time. sharp alone decodes the same files from memory and writes the thumbnail to memory, ten at a time.`,
      'PostgreSQL, S3 and SQS are other processes, or in that of the bench: their time is not in it, that of speaking with them is.',
    ],
  };
}
