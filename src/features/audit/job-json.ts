import type { FormatAuditJob } from '../../shared/format-audit-jobs.ts';

/** A job as REST and `npm run audit -- --json` show it. */
export function jobJson(job: FormatAuditJob): object {
  return {
    job_id: job.id,
    stage: job.stage,
    status: job.status,
    dry_run: job.dryRun,
    limit: job.limit,
    prefix: job.prefix,
    force: job.force,
    stats: job.stats,
    errors: job.errors.map(({ key, reason }) => ({ key, reason })),
    left: job.left.map(({ key, reason }) => ({ key, reason })),
    failed_attempts: job.failures,
    created_at: job.createdAt.toISOString(),
    started_at: job.startedAt?.toISOString() ?? null,
    completed_at: job.completedAt?.toISOString() ?? null,
    updated_at: job.updatedAt.toISOString(),
  };
}
