import type { BenchOptions } from './bench.ts';
import { type Contestant, startContestant } from './contestant.ts';
import type { Rate } from './contestant-process.ts';
import { takeTurns } from './rounds.ts';

/** How long each contestant works in a round, in seconds of CPU time. */
const SECONDS_A_TURN = 0.3;

/**
 * Runs contestants that answer with what they have done in how much CPU time, in turns.
 *
 * @param file the process of each; its arguments say which of them it is
 * @returns how much each has done per second of CPU time, a round each
 */
export async function measureRates<Name extends string>(
  file: URL,
  contestants: Readonly<Record<Name, readonly string[]>>,
  options: BenchOptions,
): Promise<Record<Name, number[]>> {
  const started: Contestant[] = [];
  try {
    const turns: [string, () => Promise<number>][] = [];
    for (const [name, args] of Object.entries<readonly string[]>(contestants)) {
      const contestant = await startContestant(file, { args, signal: options.signal });
      started.push(contestant);
      turns.push([
        name,
        async () => {
          const { done, cpuSeconds } = await contestant.ask<Rate>(SECONDS_A_TURN);
          return done / cpuSeconds;
        },
      ]);
    }
    return (await takeTurns(Object.fromEntries(turns), options)) as Record<Name, number[]>;
  } finally {
    for (const contestant of started) await contestant.stop();
  }
}
