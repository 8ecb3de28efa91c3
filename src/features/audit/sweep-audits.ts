import type { AuditJobId } from '../../domain/format-audit.ts';
import type { FormatAuditJobs } from '../../shared/format-audit-jobs.ts';

export interface SweepAuditsDeps {
  jobs: Pick<FormatAuditJobs, 'listWaiting' | 'forgetChanges'>;
  /** Tells the workers; once is enough for each that waits. */
  sendJob(id: AuditJobId): Promise<void>;
  /** Milliseconds; for tests. */
  now?: () => number;
}

export type SweepAudits = (signal: AbortSignal) => Promise<{ sent: number; forgotten: number }>;

/** How long what a job has changed is kept for reports. The job itself is kept for good. */
export const CHANGES_DAYS = 30;
const DAY_MS = 86_400_000;
const BATCH = 10_000;

/**
 * Sees to it that somebody works on every active job: also on those whose message was lost, or whose
 * runner died. Forgets what old jobs have changed.
 */
export function makeSweepAudits({ jobs, sendJob, now = Date.now }: SweepAuditsDeps): SweepAudits {
  return async (signal) => {
    const waiting = await jobs.listWaiting();
    for (const id of waiting) await sendJob(id);

    const endedBefore = new Date(now() - CHANGES_DAYS * DAY_MS);
    let forgotten = 0;
    while (!signal.aborted) {
      const count = await jobs.forgetChanges({ endedBefore, limit: BATCH });
      forgotten += count;
      if (count < BATCH) break;
    }
    return { sent: waiting.length, forgotten };
  };
}
