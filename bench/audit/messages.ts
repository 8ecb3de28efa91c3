/** What the bench of the audit and its processes have agreed on. */

export const REGION = 'us-east-1';
export const BUCKET = 'media';
export const PREFIX = 'uploads/';

/** Look at so many objects, from the first on; or end. */
export type AuditCommand = { objects: number } | 'stop';

export interface AuditAnswer {
  wallSeconds: number;
  /** Of this process; the store has its own. */
  cpuSeconds: number;
  /** To the store, lists not included. */
  requests: number;
  lists: number;
  fixed: number;
  /** After each page of the audit. */
  pages: PageSample[];
}

export interface PageSample {
  /** Looked at so far. */
  objects: number;
  /** Since the process began. */
  peakRssBytes: number;
  /** What is left after a garbage collection; null in a process without `--expose-gc`. */
  liveHeapBytes: number | null;
}

/** How long the store waits before each answer, as a bucket at that distance would; or end. */
export type StoreCommand = { delayMs: number } | 'stop';
