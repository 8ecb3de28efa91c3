import type { BenchOptions } from '../kit/bench.ts';
import type { Arena, Contestant } from './contestants.ts';
import type { Job } from './jobs.ts';

/** One line of a comparison: a process and what it is asked for. */
export interface Entry {
  name: string;
  contestant: Contestant;
  job: Job;
  /** How many requests are under way at a time. */
  concurrency: number;
  /** Of the requests of a round: who is ten times as dear need not take ten times as long. */
  share?: number;
}

/** Enough that a few requests are always waiting, and not so many that only queues are measured. */
export const CONCURRENCY = 8;

/** A round is some half second of CPU time, whatever the size of a request. */
const IMAGES_A_ROUND = 10_000;
const REQUESTS_A_ROUND = 1_000;
/** How often each process is asked before it counts: until V8 has compiled what is hot. */
const WARM_UP_TURNS = 8;

/**
 * CPU microseconds a request of each entry, in each of the rounds. The entries take turns within a round, forwards and backwards, so that a change of the machine's pace hits all of them alike.
 */
export async function measure(
  { drive }: Pick<Arena, 'drive'>,
  entries: Entry[],
  { rounds, progress }: BenchOptions,
): Promise<number[][]> {
  const samples = entries.map((): number[] => []);
  const turnsARound = entries.length / new Set(entries.map(({ contestant }) => contestant)).size;
  for (let round = -Math.ceil(WARM_UP_TURNS / turnsARound); round < rounds; round += 1) {
    const order = [...entries.keys()];
    for (const index of round % 2 === 0 ? order : order.reverse()) {
      const entry = entries[index];
      if (!entry) continue;
      const cost = await costOf(drive, entry);
      if (round >= 0) samples[index]?.push(cost);
    }
    progress(round < 0 ? 'warming up' : `round ${round + 1} of ${rounds}`);
  }
  return samples;
}

async function costOf(
  drive: Arena['drive'],
  { contestant, job, concurrency, share = 1 }: Entry,
): Promise<number> {
  const count = Math.ceil(Math.min(REQUESTS_A_ROUND, IMAGES_A_ROUND / job.size) * share);
  const before = await contestant.cpu();
  const { requests, expected } = job;
  await drive({ port: contestant.port, requests, expected, count, concurrency });
  return ((await contestant.cpu()) - before) / count;
}
