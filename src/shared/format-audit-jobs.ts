import {
  type AuditJobId,
  type AuditRequest,
  type AuditStage,
  auditJobId,
  noStats,
} from '../domain/format-audit.ts';
import type { Database } from './database.ts';
import { findConflict, lockJobs, nextNumber } from './format-audit-jobs/activation.ts';
import { type AuditChanges, makeAuditChanges } from './format-audit-jobs/changes.ts';
import { ACTIVE, type FormatAuditJob, toJob } from './format-audit-jobs/job.ts';
import { type AuditRuns, makeAuditRuns } from './format-audit-jobs/runs.ts';
import type { JobTransaction } from './job-sender.ts';

export type { FormatAuditJob } from './format-audit-jobs/job.ts';

/** Who is to work on a job, from the moment that there is one. */
export interface Lease {
  owner: string;
  seconds: number;
}

export interface NewAudit extends AuditRequest {
  force: boolean;
}

export interface InsertOptions {
  /** Nobody's yet, unless given. */
  lease?: Lease | undefined;
  /** Part of the transaction; when it rejects, the job is stored without it. */
  alongside?: (transaction: JobTransaction, id: AuditJobId) => Promise<void>;
}

export type Inserted = { job: FormatAuditJob } | { conflict: FormatAuditJob };

/** The only module, with those beside it, that touches `format_audit_jobs` and `_changes`. */
export interface FormatAuditJobs extends AuditRuns, AuditChanges {
  /**
   * Stores a job, unless another one of its stage is active that may look at the same objects: one
   * of the two prefixes begins with the other.
   */
  insert(audit: NewAudit, options?: InsertOptions): Promise<Inserted>;
  find(id: AuditJobId): Promise<FormatAuditJob | null>;
  /** Newest first; `after` is the last job of the page before. */
  list(query: { after: AuditJobId | null; limit: number }): Promise<FormatAuditJob[]>;
  /** The newest job of the stage and prefix that was completed over all objects, errors or not. */
  findCompleted(stage: AuditStage, prefix: string): Promise<FormatAuditJob | null>;
  /** Whether such a job has been completed for real, over all objects, and without errors. */
  hasCleanRun(stage: AuditStage, prefix: string): Promise<boolean>;
  /** Null when it was not active any more. */
  cancel(id: AuditJobId): Promise<FormatAuditJob | null>;
  /**
   * Makes a cancelled or failed job active again, from its checkpoint on. Null when it is neither;
   * a conflict as for a new one.
   */
  reopen(id: AuditJobId, lease: Lease): Promise<Inserted | null>;
}

const TRANSACTION = { maxWait: 5_000, timeout: 15_000 };

export function makeFormatAuditJobs(
  database: Database,
  now: () => Date = () => new Date(),
): FormatAuditJobs {
  const table = database.formatAuditJob;

  function insertOnce(audit: NewAudit, { lease, alongside }: InsertOptions): Promise<Inserted> {
    return database.$transaction(async (transaction) => {
      await lockJobs(transaction);
      const conflict = await findConflict(transaction, audit);
      if (conflict) return { conflict };
      const at = now();
      const id = auditJobId(at, await nextNumber(transaction, at));
      const { stage, prefix, dryRun, limit, force } = audit;
      const row = await transaction.formatAuditJob.create({
        data: {
          ...{ id, stage, prefix, dryRun, force, objectLimit: limit },
          ...{ status: 'pending', stats: { ...noStats() }, errors: [], leftAlone: [] },
          ...{ createdAt: at, updatedAt: at },
          ...(lease && leaseColumns(lease)),
        },
      });
      await alongside?.(transaction, id);
      return { job: toJob(row) };
    }, TRANSACTION);
  }

  return {
    ...makeAuditRuns(database),
    ...makeAuditChanges(database),

    async insert(audit, options = {}) {
      const { alongside } = options;
      if (!alongside) return insertOnce(audit, options);
      let isFault = false;
      try {
        return await insertOnce(audit, {
          ...options,
          alongside: (transaction, id) =>
            alongside(transaction, id).catch((error: unknown) => {
              isFault = true;
              throw error;
            }),
        });
      } catch (error) {
        // Whatever else it was, the transaction may even have been committed.
        if (!isFault) throw error;
        return insertOnce(audit, { lease: options.lease });
      }
    },

    async find(id) {
      const row = await table.findUnique({ where: { id } });
      return row && toJob(row);
    },

    async list({ after, limit }) {
      const last = after === null ? null : await table.findUnique({ where: { id: after } });
      if (after !== null && !last) return [];
      const rows = await table.findMany({
        where: last ? { position: { lt: last.position } } : {},
        orderBy: { position: 'desc' },
        take: limit,
      });
      return rows.map(toJob);
    },

    async findCompleted(stage, prefix) {
      const row = await table.findFirst({
        where: { stage, prefix, status: 'completed', objectLimit: null },
        orderBy: { position: 'desc' },
      });
      return row && toJob(row);
    },

    async hasCleanRun(stage, prefix) {
      const row = await table.findFirst({
        where: {
          ...{ stage, prefix, status: 'completed', objectLimit: null, dryRun: false },
          stats: { path: ['errors'], equals: 0 },
        },
        select: { id: true },
      });
      return row !== null;
    },

    async cancel(id) {
      const at = now();
      const [row] = await table.updateManyAndReturn({
        where: { id, status: { in: [...ACTIVE] } },
        data: { status: 'cancelled', completedAt: at, updatedAt: at },
      });
      return row ? toJob(row) : null;
    },

    reopen: (id, lease) =>
      database.$transaction(async (transaction) => {
        await lockJobs(transaction);
        const row = await transaction.formatAuditJob.findUnique({ where: { id } });
        if (row?.status !== 'cancelled' && row?.status !== 'failed') return null;
        const conflict = await findConflict(transaction, row);
        if (conflict) return { conflict };
        const reopened = await transaction.formatAuditJob.update({
          where: { id },
          data: {
            ...{ status: 'running', completedAt: null, failures: 0, updatedAt: now() },
            ...leaseColumns(lease),
          },
        });
        return { job: toJob(reopened) };
      }, TRANSACTION),
  };
}

function leaseColumns({ owner, seconds }: Lease): { leaseOwner: string; leaseUntil: Date } {
  return { leaseOwner: owner, leaseUntil: new Date(Date.now() + seconds * 1000) };
}
