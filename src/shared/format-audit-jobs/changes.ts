import type { AuditChange, AuditJobId, AuditLeft } from '../../domain/format-audit.ts';
import type { FormatAuditChangeModel } from '../../generated/prisma/models.ts';
import type { Database } from '../database.ts';

/** What jobs have changed, or would have, and what they have left as it is. */
export interface AuditChanges {
  /** The next batch in order of keys (keyset pagination); `after` is null for the first. */
  listChanges(
    id: AuditJobId,
    query: { after: string | null; limit: number },
  ): Promise<AuditChange[]>;
  /** The same of what was left as it is, errors included. */
  listLeft(id: AuditJobId, query: { after: string | null; limit: number }): Promise<AuditLeft[]>;
  /** Stores what is about to be changed. It is none of the job's changes until its page is counted. */
  intend(id: AuditJobId, changes: readonly AuditChange[]): Promise<void>;
  /** What was to be changed, and was not counted. */
  listIntended(id: AuditJobId): Promise<AuditChange[]>;
  /**
   * Removes up to `limit` changes, and as many objects left, of jobs that ended before that time.
   * Resolves with how many; the jobs themselves stay.
   */
  forgetChanges(query: { endedBefore: Date; limit: number }): Promise<number>;
}

export function makeAuditChanges(database: Database): AuditChanges {
  return {
    async listChanges(jobId, { after, limit }) {
      const rows = await database.formatAuditChange.findMany({
        where: { jobId, counted: true, ...behind(after) },
        orderBy: { objectKey: 'asc' },
        take: limit,
      });
      return rows.map(toChange);
    },

    async listLeft(jobId, { after, limit }) {
      const rows = await database.formatAuditLeft.findMany({
        where: { jobId, ...behind(after) },
        orderBy: { objectKey: 'asc' },
        take: limit,
      });
      return rows.map(({ objectKey, outcome, reason }) => ({
        key: objectKey,
        // This module's inserts guarantee the narrower type.
        outcome: outcome as AuditLeft['outcome'],
        reason,
      }));
    },

    async intend(id, changes) {
      // A key that is stored as another one would not be found again.
      const exact = changes.filter(({ key }) => storable(key) === key);
      await insertChanges(database, id, exact, { counted: false });
    },

    async listIntended(jobId) {
      const rows = await database.formatAuditChange.findMany({ where: { jobId, counted: false } });
      return rows.map(toChange);
    },

    async forgetChanges({ endedBefore, limit }) {
      const before = endedBefore.toISOString();
      const changes = await database.$executeRaw`
        DELETE FROM format_audit_changes WHERE (job_id, object_key) IN (
          SELECT job_id, object_key FROM format_audit_changes
          JOIN format_audit_jobs ON format_audit_jobs.id = job_id
          WHERE completed_at < ${before}::timestamptz LIMIT ${limit}
        )`;
      const left = await database.$executeRaw`
        DELETE FROM format_audit_left WHERE (job_id, object_key) IN (
          SELECT job_id, object_key FROM format_audit_left
          JOIN format_audit_jobs ON format_audit_jobs.id = job_id
          WHERE completed_at < ${before}::timestamptz LIMIT ${limit}
        )`;
      return changes + left;
    },
  };
}

function behind(key: string | null) {
  return key === null ? {} : { objectKey: { gt: key } };
}

function toChange({ objectKey, changedFrom, changedTo }: FormatAuditChangeModel): AuditChange {
  return { key: objectKey, from: changedFrom, to: changedTo };
}

type Statements = Pick<Database, '$executeRaw'>;

/** Adds what a page has changed, intended before or not. A key that counts already stays as it is. */
export async function addChanges(
  database: Statements,
  id: AuditJobId,
  changes: readonly AuditChange[],
): Promise<void> {
  await insertChanges(database, id, changes, { counted: true });
}

async function insertChanges(
  database: Statements,
  id: AuditJobId,
  all: readonly AuditChange[],
  { counted }: { counted: boolean },
): Promise<void> {
  // Each key once: a statement cannot change a row that it has just made.
  const changes = [...new Map(all.map((change) => [storable(change.key), change]))];
  if (changes.length === 0) return;
  await database.$executeRaw`
    INSERT INTO format_audit_changes AS there
      (job_id, object_key, changed_from, changed_to, counted)
    SELECT ${id}, *, ${counted} FROM unnest(
      ${changes.map(([key]) => key)}::text[],
      ${changes.map(([, { from }]) => storable(from))}::text[],
      ${changes.map(([, { to }]) => storable(to))}::text[]
    )
    ON CONFLICT (job_id, object_key) DO UPDATE SET changed_from = excluded.changed_from,
      changed_to = excluded.changed_to, counted = excluded.counted
    WHERE NOT there.counted`;
}

/** Removes what was to be changed and came to nothing. */
export async function dropIntended(database: Statements, id: AuditJobId): Promise<void> {
  await database.$executeRaw`
    DELETE FROM format_audit_changes WHERE job_id = ${id} AND NOT counted`;
}

/** Adds what a page has left as it is. */
export async function addLeft(
  database: Statements,
  id: AuditJobId,
  left: readonly AuditLeft[],
): Promise<void> {
  if (left.length === 0) return;
  await database.$executeRaw`
    INSERT INTO format_audit_left (job_id, object_key, outcome, reason)
    SELECT ${id}, * FROM unnest(
      ${left.map(({ key }) => storable(key))}::text[],
      ${left.map(({ outcome }) => outcome)}::text[],
      ${left.map(({ reason }) => storable(reason))}::text[]
    ) ON CONFLICT DO NOTHING`;
}

/** A key can hold a NUL, which PostgreSQL's text cannot. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\u{fffd}').toWellFormed();
}
