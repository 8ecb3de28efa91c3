import { DomainError } from '../../domain/domain-error.ts';
import type { AuditJobId, AuditStage } from '../../domain/format-audit.ts';
import { problemOfText } from '../../domain/printable-text.ts';
import type { FormatAuditJob, FormatAuditJobs, Lease } from '../../shared/format-audit-jobs.ts';
import type { JobTransaction } from '../../shared/job-sender.ts';
import type { Logger } from '../../shared/logger.ts';
import type { Telemetry } from '../../shared/telemetry/telemetry.ts';

export interface StartAuditInput {
  stage: number;
  dryRun?: boolean | null | undefined;
  /** Null for all objects. */
  limit?: number | null | undefined;
  /** All that is audited unless told. */
  prefix?: string | null | undefined;
  force?: boolean | null | undefined;
}

export interface StartAuditDeps {
  jobs: Pick<FormatAuditJobs, 'insert' | 'hasCleanRun'>;
  /** Tells the workers, as part of the transaction that stores the job; null: who starts it runs it. */
  sendJob: ((transaction: JobTransaction, id: AuditJobId) => Promise<void>) | null;
  telemetry: Pick<Telemetry, 'emit'>;
}

export type StartAudit = (
  input: StartAuditInput,
  logger: Logger,
  lease?: Lease,
) => Promise<FormatAuditJob>;

const MAX_LIMIT = 1_000_000_000;
/** As long as keys can be. */
const MAX_PREFIX_BYTES = 1024;
/** What is below was validated, and is served pinned to a version. */
const NEVER_AUDITED = ['ingest/', 'thumbnails/'];

/**
 * Starts a format audit. A dry run of stage 3 changes nothing, so it needs no stage 2 before it.
 * Throws DomainError("INVALID_AUDIT", "AUDIT_JOB_ACTIVE", "AUDIT_NOT_PREPARED").
 */
export function makeStartAudit({ jobs, sendJob, telemetry }: StartAuditDeps): StartAudit {
  return async (input, logger, lease) => {
    const audit = check(input);
    const { stage, prefix, dryRun, force } = audit;
    if (stage === 3 && !dryRun && !force && !(await jobs.hasCleanRun(2, prefix))) {
      throw new DomainError(
        'AUDIT_NOT_PREPARED',
        `stage 3 needs a stage 2 of the prefix ${quoted(prefix)} that was completed without errors,` +
          ' without a limit and not as a dry run; force starts it regardless',
        'stage',
      );
    }
    const inserted = await jobs.insert(audit, {
      lease,
      ...(sendJob && {
        alongside: async (transaction, id) => {
          try {
            await sendJob(transaction, id);
          } catch (error) {
            logger.warn({ err: error }, 'audit.left_to_sweep');
            throw error;
          }
        },
      }),
    });
    if ('conflict' in inserted) throw jobActive(inserted.conflict);
    const { job } = inserted;
    telemetry.emit('audit.started', { jobId: job.id, stage, dryRun }, logger);
    return job;
  };
}

/** Names the job that is in the way. */
export function jobActive({ id, stage, prefix, status }: FormatAuditJob): DomainError {
  const what = status === 'cancelled' ? 'is still coming to its end' : `is ${status}`;
  return new DomainError(
    'AUDIT_JOB_ACTIVE',
    `job ${id} of stage ${stage} ${what} on the prefix ${quoted(prefix)}`,
  );
}

function check({ stage, dryRun, limit, prefix, force }: StartAuditInput) {
  return {
    stage: checkStage(stage),
    limit: checkLimit(limit ?? null),
    prefix: checkPrefix(prefix ?? ''),
    dryRun: dryRun ?? false,
    force: force ?? false,
  };
}

function checkStage(stage: number): AuditStage {
  if (stage === 1 || stage === 2 || stage === 3) return stage;
  throw new DomainError('INVALID_AUDIT', 'stage must be 1, 2 or 3', 'stage');
}

function checkLimit(limit: number | null): number | null {
  if (limit === null) return null;
  if (Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new DomainError(
    'INVALID_AUDIT',
    `limit must be a whole number from 1 to ${MAX_LIMIT}`,
    'limit',
  );
}

function checkPrefix(prefix: string): string {
  const problem = prefix === '' ? null : problemOfText(prefix, MAX_PREFIX_BYTES);
  if (problem) throw new DomainError('INVALID_AUDIT', `prefix ${problem}`, 'prefix');
  if (Buffer.byteLength(prefix) > MAX_PREFIX_BYTES) {
    throw new DomainError(
      'INVALID_AUDIT',
      `prefix must have at most ${MAX_PREFIX_BYTES} bytes`,
      'prefix',
    );
  }
  const forbidden = NEVER_AUDITED.find((each) => prefix.startsWith(each));
  if (forbidden !== undefined) {
    throw new DomainError(
      'INVALID_AUDIT',
      `prefix must not be below ${forbidden}: what is there is never audited`,
      'prefix',
    );
  }
  return prefix;
}

function quoted(prefix: string): string {
  return JSON.stringify(prefix);
}
