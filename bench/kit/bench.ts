/** One bench: what is measured against what limit, and how close we want to be. */
export interface Bench {
  /** As on the command line: `npm run bench -- sign-ecdsa`. */
  name: string;
  /** What it shows, for `--list` and docs/benchmarks.md: a sentence without its full stop. */
  title: string;
  /** How often everything is measured unless `--rounds` says so; else {@link DEFAULT_ROUNDS}. */
  rounds?: number;
  /** What else the command line may change, by the name of the option: `--rows 10000`. */
  settings?: Readonly<Record<string, Setting>>;
  run(options: BenchOptions): Promise<BenchResult>;
}

export const DEFAULT_ROUNDS = 7;

export interface Setting {
  initial: string;
  /** For `--help`, in a few words. */
  meaning: string;
}

export interface BenchOptions {
  /** How often everything is measured; contestants take turns within a round. */
  rounds: number;
  /**
   * What has been reached; for people who wait. It throws after a Ctrl-C: who tells of every round
   * and cleans up in `finally` needs nothing else in order to end in time.
   */
  progress(text: string): void;
  /** Aborted by Ctrl-C; for benches that have long steps. */
  signal?: AbortSignal | undefined;
  /** By the name of the option; those that were not given are missing. */
  settings?: Readonly<Record<string, string>> | undefined;
}

export interface BenchResult {
  rows: BenchRow[];
  charts?: Chart[];
  /** What a reader has to know in order to believe the numbers. */
  notes?: string[];
  /** More numbers than belong among the rows; for docs/benchmarks.md only. */
  tables?: DetailTable[];
}

/** Ours against its limit, both measured in the same rounds: the medians of them. */
export interface BenchRow {
  what: string;
  /** What `ours` and `limit` are in: `URLs per CPU second`, `CPU µs a request`. */
  unit: string;
  ours: number;
  /** Null where there is nothing to compare with: the number itself is reported. */
  limit: number | null;
  /** As the goal has it; null where there is no limit. */
  ratio: number | null;
  /** Of the ratio, or of `ours` where there is none. */
  goal: Goal | null;
}

export type Goal = { atLeast: number } | { atMost: number };

/** The first column names the row, the others are numbers already written out. */
export interface DetailTable {
  title: string;
  columns: string[];
  rows: string[][];
}

/** Lines over a common axis. */
export interface Chart {
  /** Of the file in docs/images/benchmarks, without `.svg`. */
  name: string;
  title: string;
  x: Axis;
  y: Axis;
  series: { name: string; points: { x: number; y: number }[] }[];
}

export interface Axis {
  title: string;
  scale: 'linear' | 'log';
}
