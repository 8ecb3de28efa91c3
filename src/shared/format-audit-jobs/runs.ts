import {
  type AuditChange,
  type AuditError,
  type AuditJobId,
  type AuditLeft,
  type AuditStats,
  addStats,
} from '../../domain/format-audit.ts';
import type { Database } from '../database.ts';
import { addChanges, addLeft, dropIntended, storable } from './changes.ts';
import { ACTIVE, type FormatAuditJob, toJob } from './job.ts';

/** What one page adds to a job. */
export interface CountedPage {
  stats: AuditStats;
  errors: readonly AuditError[];
  changes: readonly AuditChange[];
  /** What was left as it is for a reason worth telling. */
  left?: readonly AuditLeft[];
  /** Null when nothing comes after it. */
  next: string | null;
  /** Whether the job is done with it. */
  isLast: boolean;
}

/** What those who work on a job do with it. A lease keeps all but one of them away. */
export interface AuditRuns {
  /** Null where there is nothing to do: not active, somebody else's, or put off. */
  takeUp(id: AuditJobId, owner: string, seconds: number): Promise<FormatAuditJob | null>;
  /** Prolongs the lease. `lost`: another one has the job, or it has ended. */
  keep(id: AuditJobId, owner: string, seconds: number): Promise<'kept' | 'cancelled' | 'lost'>;
  /**
   * Counts a page that began where `job` ends: stats, errors, changes and checkpoint, all or
   * nothing. Null, and nothing is counted, when the job has gone on meanwhile or is somebody else's.
   * What a cancelled job had in work is counted, too.
   */
  countPage(job: FormatAuditJob, owner: string, page: CountedPage): Promise<FormatAuditJob | null>;
  /** Lets others take it up: at once, or in a while after a failed attempt. */
  release(id: AuditJobId, owner: string, putOffSeconds?: number): Promise<void>;
  /** Ends it without having come to the end. */
  fail(id: AuditJobId, owner: string, error: AuditError): Promise<FormatAuditJob | null>;
  /** Active jobs that nobody works on, and nobody is to leave alone. */
  listWaiting(): Promise<AuditJobId[]>;
}

const MAX_ERRORS = 100;
/** A page may have a thousand changes. */
const TRANSACTION = { maxWait: 5_000, timeout: 30_000 };
const FREE = { leaseOwner: null, leaseUntil: null };

export function makeAuditRuns(database: Database): AuditRuns {
  const table = database.formatAuditJob;

  return {
    async takeUp(id, owner, seconds) {
      // By the clock of the database: those of the runners may differ.
      const taken = await database.$executeRaw`
        UPDATE format_audit_jobs SET status = 'running', started_at = coalesce(started_at, now()),
          updated_at = now(), lease_owner = ${owner},
          lease_until = now() + make_interval(secs => ${seconds})
        WHERE id = ${id} AND status IN ('pending', 'running')
          AND (lease_owner = ${owner} OR lease_until IS NULL OR lease_until < now())`;
      const row = taken === 0 ? null : await table.findUnique({ where: { id } });
      return row && toJob(row);
    },

    async keep(id, owner, seconds) {
      const [row] = await database.$queryRaw<{ status: string }[]>`
        UPDATE format_audit_jobs SET lease_until = now() + make_interval(secs => ${seconds})
        WHERE id = ${id} AND lease_owner = ${owner} RETURNING status`;
      if (row?.status === 'cancelled') return 'cancelled';
      return row && ACTIVE.includes(row.status) ? 'kept' : 'lost';
    },

    countPage: (job, owner, page) =>
      database.$transaction(async (transaction) => {
        const { id, pages } = job;
        const stats = addStats(job.stats, page.stats);
        const errors = firstOf(job.errors, page.errors);
        const { left: pageLeft = [] } = page;
        const left = firstOf(job.left, pageLeft);
        const checkpoint = page.next === null ? null : JSON.stringify(page.next);
        const counted = await transaction.$executeRaw`
          UPDATE format_audit_jobs SET pages = pages + 1, failures = 0,
            stats = ${JSON.stringify(stats)}::jsonb, errors = ${JSON.stringify(errors)}::jsonb,
            left_alone = ${JSON.stringify(left)}::jsonb,
            checkpoint = coalesce(${checkpoint}, checkpoint), updated_at = now(),
            status = CASE WHEN ${page.isLast} AND status = 'running' THEN 'completed' ELSE status END,
            completed_at = CASE WHEN ${page.isLast} THEN coalesce(completed_at, now()) ELSE completed_at END
          WHERE id = ${id} AND lease_owner = ${owner} AND pages = ${pages}
            AND status IN ('running', 'cancelled')`;
        if (counted === 0) return null;
        await addChanges(transaction, id, page.changes);
        const failed = page.errors.map((error) => ({ ...error, outcome: 'errors' as const }));
        await addLeft(transaction, id, [...pageLeft, ...failed]);
        if (page.isLast) {
          await dropIntended(transaction, id);
          await transaction.formatAuditJob.update({ where: { id }, data: FREE });
        }
        return toJob(await transaction.formatAuditJob.findUniqueOrThrow({ where: { id } }));
      }, TRANSACTION),

    async release(id, owner, putOffSeconds) {
      if (putOffSeconds === undefined) {
        await table.updateMany({ where: { id, leaseOwner: owner }, data: FREE });
        return;
      }
      await database.$executeRaw`
        UPDATE format_audit_jobs SET failures = failures + 1, updated_at = now(),
          lease_owner = NULL, lease_until = now() + make_interval(secs => ${putOffSeconds})
        WHERE id = ${id} AND lease_owner = ${owner}`;
    },

    async fail(id, owner, error) {
      const row = await table.findUnique({ where: { id } });
      if (!row) return null;
      const job = toJob(row);
      const errors = [...job.errors.slice(0, MAX_ERRORS - 1), error].map(storableError);
      const at = new Date();
      const [failed] = await table.updateManyAndReturn({
        where: { id, leaseOwner: owner, status: 'running' },
        data: { ...FREE, status: 'failed', errors, completedAt: at, updatedAt: at },
      });
      return failed ? toJob(failed) : null;
    },

    async listWaiting() {
      const rows = await database.$queryRaw<{ id: AuditJobId }[]>`
        SELECT id FROM format_audit_jobs WHERE status IN ('pending', 'running')
          AND (lease_until IS NULL OR lease_until < now()) ORDER BY position`;
      return rows.map(({ id }) => id);
    },
  };
}

function firstOf(before: readonly AuditError[], more: readonly AuditError[]): AuditError[] {
  return [...before, ...more].slice(0, MAX_ERRORS).map(storableError);
}

function storableError({ key, reason }: AuditError): { key: string; reason: string } {
  return { key: storable(key), reason: storable(reason) };
}
