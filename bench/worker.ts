/**
 * npm run bench:worker [-- --rounds N --json FILE]: images per second of CPU time, of the whole
 * worker, of its decoder alone, and of sharp alone doing the same decoding and resizing.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { type BenchImage, drawBenchCorpus } from './worker-corpus.ts';
import type { BenchAnswer } from './worker-messages.ts';
import { startSurroundings } from './worker-surroundings.ts';

/** Of the whole worker to sharp alone, in images per second of CPU time. */
const GOAL = 0.8;

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, json: { type: 'string' } },
});
const rounds = Number(values.rounds);

interface Contestant {
  name: string;
  process: ChildProcess;
  /** What it needs besides the word 'go'. */
  feed(): Promise<void>;
  answers: BenchAnswer[];
}

async function start(
  name: string,
  [file, ...args]: [file: string, ...args: string[]],
  env: NodeJS.ProcessEnv,
  feed = async () => {},
): Promise<Contestant> {
  const child = fork(path.join(import.meta.dirname, file), args, { env });
  await once(child, 'message');
  return { name, process: child, feed, answers: [] };
}

/** One round; rejects when the process ends over it. */
async function run({ process: child, feed }: Contestant): Promise<BenchAnswer> {
  const answer = new Promise<BenchAnswer>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the process ended with ${code}`)));
    child.on('message', (message: BenchAnswer | 'started') => {
      if (message === 'started') feed().catch(reject);
      else resolve(message);
    });
  });
  child.send('go');
  try {
    return await answer;
  } finally {
    child.removeAllListeners('message').removeAllListeners('exit');
  }
}

async function measure(contestants: Contestant[]): Promise<void> {
  // The first round warms up. Interleaved, so that a change of the machine's pace hits all.
  for (let round = 0; round <= rounds; round += 1) {
    for (const contestant of contestants) {
      const answer = await run(contestant);
      if (round > 0) contestant.answers.push(answer);
    }
    console.error(`round ${round} of ${rounds}${round === 0 ? ' (warming up)' : ''}`);
  }
}

function median(numbers: number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function report(contestants: Contestant[], images: BenchImage[]) {
  const rates = contestants.map(({ name, answers }) => ({
    name,
    imagesPerCpuSecond: images.length / median(answers.map(({ cpuSeconds }) => cpuSeconds)),
    imagesPerSecond: images.length / median(answers.map(({ wallSeconds }) => wallSeconds)),
  }));
  const sharpRate = rates.find(({ name }) => name === 'sharp alone')?.imagesPerCpuSecond ?? 0;
  return rates.map((rate) => ({ ...rate, ratio: rate.imagesPerCpuSecond / sharpRate }));
}

async function writeCorpus(directory: string, images: BenchImage[]): Promise<void> {
  for (const [index, { bytes }] of images.entries()) {
    await writeFile(path.join(directory, String(index)), bytes);
  }
}

console.error('drawing the corpus ...');
const images = await drawBenchCorpus();
const directory = await mkdtemp(path.join(os.tmpdir(), 'bench-corpus-'));
const surroundings = await startSurroundings();
const contestants: Contestant[] = [];
try {
  await writeCorpus(directory, images);
  const upload = () => surroundings.upload(images);
  const worker = ['worker-process.ts', String(images.length)] as const;
  const decode = 'worker-decode-process.ts';
  contestants.push(
    await start('worker', [...worker], surroundings.environment, upload),
    await start('decoder alone', [decode, 'decoder', directory], process.env),
    await start('sharp alone', [decode, 'sharp', directory], process.env),
  );
  await measure(contestants);
  const results = report(contestants, images);
  console.log('                 images per CPU second   images per second   ratio');
  for (const { name, imagesPerCpuSecond, imagesPerSecond, ratio } of results) {
    const columns = [imagesPerCpuSecond.toFixed(2), imagesPerSecond.toFixed(2), ratio.toFixed(2)];
    console.log(
      name.padEnd(16),
      ...columns.map((text, index) => text.padStart([21, 19, 7][index] ?? 0)),
    );
  }
  const ratio = results.find(({ name }) => name === 'worker')?.ratio ?? 0;
  console.log(`the worker reaches ${ratio.toFixed(2)} of sharp alone; the goal is ${GOAL}`);
  if (values.json) {
    const content = { images: images.length, rounds, goal: GOAL, ratio, results };
    await writeFile(values.json, `${JSON.stringify(content, null, 2)}\n`);
  }
} finally {
  for (const { process: child } of contestants) {
    if (!child.connected) continue;
    const ended = once(child, 'exit');
    child.send('stop');
    await ended;
  }
  await surroundings.close();
  await rm(directory, { recursive: true });
}
