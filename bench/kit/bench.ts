/** One bench: what is measured against what limit, and how close we want to be. */
export interface Bench {
  /** As on the command line: `npm run bench -- sign-ecdsa`. */
  name: string;
  /** What it shows, in a sentence for `--list` and docs/benchmarks.md. */
  title: string;
  run(options: BenchOptions): Promise<BenchResult>;
}

export interface BenchOptions {
  /** How often everything is measured; contestants take turns within a round. */
  rounds: number;
  /** What has been reached; for people who wait. */
  progress(text: string): void;
}

export interface BenchResult {
  rows: BenchRow[];
  charts?: Chart[];
  /** What a reader has to know in order to believe the numbers. */
  notes?: string[];
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
  goal: Goal | null;
}

export type Goal = { atLeast: number } | { atMost: number };

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
