import type { Logger } from '../../shared/logger.ts';

/** What a run did; in a dry run, what it would do. Names as they are printed and logged. */
export interface ReapResult {
  /** Records that were pending for too long, and old object versions that no record needs. */
  looked_at: number;
  /** Lost events made up for: the upload was there and good. */
  ready: number;
  /** The same, but the upload had to be refused. */
  failed: number;
  /** Nothing was uploaded; the record has failed. */
  never_uploaded: number;
  /** Object versions without a record. */
  orphans_deleted: number;
  /** Further object versions of images that are ready or failed. */
  overwrites_deleted: number;
  /** What could not be settled; the next run tries again. */
  errors: number;
  /** In a dry run, which decodes nothing: uploads that would become ready or failed. */
  would_be_validated: number;
}

export function emptyResult(): ReapResult {
  return {
    looked_at: 0,
    ready: 0,
    failed: 0,
    never_uploaded: 0,
    orphans_deleted: 0,
    overwrites_deleted: 0,
    errors: 0,
    would_be_validated: 0,
  };
}

/** One run, as its passes see it. */
export interface ReapRun {
  /** What is younger is none of the reaper's business. */
  olderThan: Date;
  dryRun: boolean;
  /** Aborted: what is in work is finished, nothing more is begun. */
  signal: AbortSignal;
  /** How many records a query asks for, and how many are in work at a time. */
  batchSize: number;
  concurrency: number;
  /** Counted up as the run goes. */
  result: ReapResult;
  onProgress(scanned: Scanned): void;
}

/** How far a run has come. */
export interface Scanned {
  what: 'pending image records' | 'object versions';
  count: number;
}

/** Runs `work` for each item, `run.concurrency` at a time; `work` must not reject. */
export async function forEach<Item>(
  run: ReapRun,
  items: readonly Item[],
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  const workThrough = async () => {
    for (const item of rest) {
      if (run.signal.aborted) return;
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: run.concurrency }, workThrough));
}

/** A failure on one item is counted and logged, and the run goes on. */
export async function attempt(
  run: ReapRun,
  logger: Logger,
  fields: object,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    run.result.errors += 1;
    logger.warn({ ...fields, err: error }, 'reap.item_failed');
  }
}
