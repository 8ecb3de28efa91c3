import { type ReapOrphansDeps, reapOrphans } from './reap-orphans.ts';
import { type ReapPendingDeps, reapPending } from './reap-pending.ts';
import { emptyResult, type ReapResult, type ReapRun, type Scanned } from './reap-run.ts';

export type { ReapResult, Scanned } from './reap-run.ts';

export interface ReapDeps {
  records: ReapPendingDeps['records'] & ReapOrphansDeps['records'];
  objects: ReapPendingDeps['objects'] & ReapOrphansDeps['objects'];
  settleUpload: ReapPendingDeps['settleUpload'];
  telemetry: ReapPendingDeps['telemetry'];
  logger: ReapPendingDeps['logger'];
  /** INGEST_PENDING_TTL_SECS */
  pendingTtlSeconds: number;
  /** Records a query; 500 unless told. */
  batchSize?: number;
  /** Milliseconds; for tests. */
  now?: () => number;
}

export interface ReapOptions {
  /** Changes nothing, counts what would happen. */
  dryRun?: boolean | undefined;
  /** Instead of INGEST_PENDING_TTL_SECS. */
  olderThanSeconds?: number | undefined;
  /** Aborted: finishes what is in work, then resolves with what was done. */
  signal?: AbortSignal | undefined;
  onProgress?: ((scanned: Scanned) => void) | undefined;
}

export type Reap = (options?: ReapOptions) => Promise<ReapResult>;

const BATCH_SIZE = 500;
/**
 * Most records need one listing and one update. An upload to be validated takes its whole size in
 * memory, beside those that a worker has in work.
 */
const CONCURRENCY = 4;

/**
 * Makes up for lost events and cleans up what crashes have left: see `reapPending`, `reapOrphans`.
 * Throws when the database or the bucket listing are away; everything else is counted as an error.
 */
export function makeReap(deps: ReapDeps): Reap {
  return async (options = {}) => {
    const { dryRun = false, olderThanSeconds = deps.pendingTtlSeconds } = options;
    const { now = Date.now } = deps;
    const run: ReapRun = {
      olderThan: new Date(now() - olderThanSeconds * 1000),
      dryRun,
      signal: options.signal ?? new AbortController().signal,
      batchSize: deps.batchSize ?? BATCH_SIZE,
      concurrency: CONCURRENCY,
      result: emptyResult(),
      onProgress: options.onProgress ?? (() => {}),
    };
    try {
      await reapPending(deps, run);
      // Afterwards: only settled records have versions left over.
      if (!run.signal.aborted) await reapOrphans(deps, run);
    } catch (error) {
      deps.logger.error({ ...run.result, dryRun, err: error }, 'reap.broke_off');
      throw error;
    }
    const interrupted = run.signal.aborted;
    deps.logger.info({ ...run.result, dryRun, interrupted }, 'reap.finished');
    return run.result;
  };
}
