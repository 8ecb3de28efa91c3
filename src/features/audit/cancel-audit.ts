import { DomainError } from '../../domain/domain-error.ts';
import { isAuditJobId } from '../../domain/format-audit.ts';
import type { FormatAuditJob, FormatAuditJobs } from '../../shared/format-audit-jobs.ts';
import type { Logger } from '../../shared/logger.ts';
import type { Telemetry } from '../../shared/telemetry/telemetry.ts';
import { auditNotFound } from './get-audit.ts';

export interface CancelAuditDeps {
  jobs: Pick<FormatAuditJobs, 'find' | 'cancel'>;
  telemetry: Pick<Telemetry, 'emit'>;
}

export type CancelAudit = (id: string, logger: Logger) => Promise<FormatAuditJob>;

/**
 * Cancels a job: who works on it stops within seconds. Once more is no error. Throws DomainError
 * ("AUDIT_JOB_NOT_FOUND", "AUDIT_JOB_ENDED").
 */
export function makeCancelAudit({ jobs, telemetry }: CancelAuditDeps): CancelAudit {
  return async (id, logger) => {
    if (!isAuditJobId(id)) throw auditNotFound();
    const cancelled = await jobs.cancel(id);
    if (cancelled) {
      const { stage, status } = cancelled;
      telemetry.emit('audit.finished', { jobId: id, stage, status, ...cancelled.stats }, logger);
      return cancelled;
    }
    const job = await jobs.find(id);
    if (!job) throw auditNotFound();
    if (job.status === 'cancelled') return job;
    throw new DomainError('AUDIT_JOB_ENDED', `job ${id} has ${job.status} already`, 'id');
  };
}
