import type { ImageId } from '../../domain/image-id.ts';
import { forEachParallel } from '../../shared/for-each-parallel.ts';
import type { ImageDeletion, ImageDeletions } from '../../shared/image-records/deletions.ts';
import {
  deleteObjects,
  type FinishDeletions,
  type FinishDeletionsDeps,
} from './finish-deletions.ts';

export interface SweepDeletionsDeps {
  deletions: Pick<ImageDeletions, 'listUnfinished' | 'listFinished' | 'forget'>;
  objects: FinishDeletionsDeps['objects'];
  finishDeletions: FinishDeletions;
  logger: FinishDeletionsDeps['logger'];
  /** 500 unless told. */
  batchSize?: number;
  /** Milliseconds; for tests. */
  now?: () => number;
}

export interface SweptDeletions {
  finished: number;
  forgotten: number;
}

export type SweepDeletions = (signal: AbortSignal) => Promise<SweptDeletions>;

/** Two paths of the CDN each, so that a batch is one call. */
const BATCH_SIZE = 500;
const CONCURRENCY = 4;
/** What is younger has a job that is probably at it. */
const JOB_GRACE_MS = 60_000;
/**
 * Until then an event of an upload may come: an upload URL works for 7 days at most, and a queue
 * keeps a message for 14 days at most. The rest is for dead letters that are put back.
 */
export const TOMBSTONE_DAYS = 30;
const DAY_MS = 86_400_000;

/**
 * Finishes deletions whose job was never sent, was lost, or has failed too often, and forgets those
 * that are long over. What cannot be done is logged and left to the next sweep. Throws when the
 * database is away.
 */
export function makeSweepDeletions(deps: SweepDeletionsDeps): SweepDeletions {
  const { deletions, now = Date.now, batchSize: limit = BATCH_SIZE } = deps;
  return async (signal) => {
    const swept: SweptDeletions = { finished: 0, forgotten: 0 };

    const due = new Date(now() - JOB_GRACE_MS);
    const listDue = (after: ImageId | null) =>
      deletions.listUnfinished({ after, before: due, limit });
    await forEachBatch(listDue, limit, signal, async (batch) => {
      swept.finished += await finish(deps, batch, signal);
    });

    const past = new Date(now() - TOMBSTONE_DAYS * DAY_MS);
    const listPast = (after: ImageId | null) =>
      deletions.listFinished({ after, before: past, limit });
    await forEachBatch(listPast, limit, signal, async (batch) => {
      swept.forgotten += await forget(deps, batch, signal);
    });
    return swept;
  };
}

async function forEachBatch(
  list: (after: ImageId | null) => Promise<ImageDeletion[]>,
  limit: number,
  signal: AbortSignal,
  work: (batch: ImageDeletion[]) => Promise<void>,
): Promise<void> {
  let after: ImageId | null = null;
  while (!signal.aborted) {
    const batch: ImageDeletion[] = await list(after);
    const last = batch.at(-1);
    if (last) await work(batch);
    if (!last || batch.length < limit) return;
    after = last.id;
  }
}

async function finish(
  { finishDeletions, logger }: SweepDeletionsDeps,
  batch: readonly ImageDeletion[],
  signal: AbortSignal,
): Promise<number> {
  const ids = batch.map(({ id }) => id);
  try {
    return (await finishDeletions(ids, signal)).finished;
  } catch (error) {
    logger.warn({ images: ids.length, err: error }, 'deletion.batch_failed');
    return 0;
  }
}

/** Looks once more: a worker that was killed again and again may have left a thumbnail behind. */
async function forget(
  { deletions, objects, logger }: SweepDeletionsDeps,
  batch: readonly ImageDeletion[],
  signal: AbortSignal,
): Promise<number> {
  const clean: ImageId[] = [];
  await forEachParallel(batch, { limit: CONCURRENCY, signal }, async (deletion) => {
    try {
      await deleteObjects(objects, deletion);
      clean.push(deletion.id);
    } catch (error) {
      logger.warn({ imageId: deletion.id, err: error }, 'deletion.item_failed');
    }
  });
  if (clean.length > 0) await deletions.forget(clean);
  return clean.length;
}
