import type { AuditChange, AuditJobId } from '../../domain/format-audit.ts';
import type { Database } from '../database.ts';

/** What jobs have changed, or would have. */
export interface AuditChanges {
  /** The next batch in order of keys (keyset pagination); `after` is null for the first. */
  listChanges(
    id: AuditJobId,
    query: { after: string | null; limit: number },
  ): Promise<AuditChange[]>;
  /**
   * Removes up to `limit` changes of jobs that ended before that time. Resolves with how many; the
   * jobs themselves stay.
   */
  forgetChanges(query: { endedBefore: Date; limit: number }): Promise<number>;
}

export function makeAuditChanges(database: Database): AuditChanges {
  return {
    async listChanges(jobId, { after, limit }) {
      const rows = await database.formatAuditChange.findMany({
        where: { jobId, ...(after !== null && { objectKey: { gt: after } }) },
        orderBy: { objectKey: 'asc' },
        take: limit,
      });
      return rows.map(({ objectKey, changedFrom, changedTo }) => ({
        key: objectKey,
        from: changedFrom,
        to: changedTo,
      }));
    },

    forgetChanges: ({ endedBefore, limit }) =>
      database.$executeRaw`
        DELETE FROM format_audit_changes WHERE (job_id, object_key) IN (
          SELECT job_id, object_key FROM format_audit_changes
          JOIN format_audit_jobs ON format_audit_jobs.id = job_id
          WHERE completed_at < ${endedBefore.toISOString()}::timestamptz LIMIT ${limit}
        )`,
  };
}

/** Adds to what a job has changed. One statement; a key that is there already stays as it is. */
export async function addChanges(
  database: Pick<Database, '$executeRaw'>,
  id: AuditJobId,
  changes: readonly AuditChange[],
): Promise<void> {
  if (changes.length === 0) return;
  await database.$executeRaw`
    INSERT INTO format_audit_changes (job_id, object_key, changed_from, changed_to)
    SELECT ${id}, * FROM unnest(
      ${changes.map(({ key }) => storable(key))}::text[],
      ${changes.map(({ from }) => storable(from))}::text[],
      ${changes.map(({ to }) => storable(to))}::text[]
    ) ON CONFLICT DO NOTHING`;
}

/** A key can hold a NUL, which PostgreSQL's text cannot. */
export function storable(text: string): string {
  return text.replaceAll('\0', '\u{fffd}').toWellFormed();
}
