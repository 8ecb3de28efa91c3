import type { ReapDeps } from '../features/reaper/reap.ts';
import type { WorkerConfig } from '../shared/config.ts';
import { createJobRunner } from '../shared/jobs.ts';
import { type AuditJobs, createAuditJobs, createAuditStages } from './audit.ts';
import { createDeletionJobs } from './deletion.ts';
import type { Deps } from './deps.ts';
import { createReaperJob } from './reap.ts';

export interface WorkerJobs {
  start(): void;
  stop(timeoutSeconds: number): Promise<void>;
}

/** Everything that a worker does besides its queue; null when all of it is off. */
export function createWorkerJobs(
  config: WorkerConfig,
  deps: Deps,
  settleUpload: ReapDeps['settleUpload'],
): WorkerJobs | null {
  const reaper = createReaperJob(config, deps, settleUpload);
  const deletion = createDeletionJobs(config, deps);
  const audit = createWorkerAudit(config, deps);
  if (!reaper && !deletion && !audit) return null;
  const runner = createJobRunner({
    databaseUrl: config.DATABASE_URL,
    migrate: config.JOBS_MIGRATE,
    logger: deps.logger,
    jobs: [reaper, deletion?.sweep, audit?.sweep].filter(
      (job) => job !== null && job !== undefined,
    ),
    queues: [deletion?.queue, audit?.queue].filter((queue) => queue !== undefined),
  });
  return {
    start: runner.start,
    async stop(timeoutSeconds) {
      await runner.stop(timeoutSeconds);
      deletion?.close();
      audit?.close();
    },
  };
}

function createWorkerAudit(
  config: WorkerConfig,
  deps: Deps,
): (AuditJobs & { close(): void }) | null {
  if (config.AUDIT_SWEEP_CRON === 'off') return null;
  const { auditOnePage, close } = createAuditStages(config, deps);
  return { ...createAuditJobs(config.AUDIT_SWEEP_CRON, deps, auditOnePage), close };
}
