import os from 'node:os';
import { describeError } from '../../src/shared/command.ts';
import { type Bench, type BenchOptions, DEFAULT_ROUNDS } from './bench.ts';
import { type Commit, withoutOwnPaths } from './machine.ts';
import { type BenchReport, parseBenchReport } from './report.ts';

export interface RunOptions {
  /** Undefined: as many as each bench has. */
  rounds: number | undefined;
  settings: Readonly<Record<string, string>>;
  commit: Commit | null;
  progress(text: string): void;
  signal: AbortSignal;
}

/** Runs one bench, whatever becomes of it. Rejects only when it was interrupted. */
export async function runBench(
  bench: Bench,
  { rounds: given, settings, commit, progress, signal }: RunOptions,
): Promise<BenchReport> {
  const rounds = given ?? bench.rounds ?? DEFAULT_ROUNDS;
  const { name, title } = bench;
  const [loadAverage = null] = os.loadavg();
  const about = { name, title, rounds, date: new Date().toISOString(), commit, loadAverage };
  const options: BenchOptions = {
    rounds,
    settings,
    signal,
    progress(text) {
      signal.throwIfAborted();
      progress(text);
    },
  };
  try {
    const result = await bench.run(options);
    return parseBenchReport({ ...about, ...result, failure: null });
  } catch (error) {
    // What goes wrong after a Ctrl-C goes wrong because of it.
    signal.throwIfAborted();
    return {
      ...about,
      ...{ rows: [], charts: [], notes: [], tables: [] },
      failure: withoutOwnPaths(describeError(error)),
    };
  }
}
