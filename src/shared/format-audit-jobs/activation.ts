import { auditDayPrefix } from '../../domain/format-audit.ts';
import type { Database } from '../database.ts';
import { type FormatAuditJob, toJob } from './job.ts';

/** What has to be looked at before a job becomes active. */

type Transaction = Parameters<Parameters<Database['$transaction']>[0]>[0];

/** Of an advisory lock: jobs become active one after the other. Any number that nobody else uses. */
const LOCK = 720_610_001;

export async function lockJobs(transaction: Transaction): Promise<void> {
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${LOCK})`;
}

/** A cancelled job is in the way, too, while its runner ends the page in work. */
export async function findConflict(
  transaction: Transaction,
  { stage, prefix }: { stage: number; prefix: string },
): Promise<FormatAuditJob | null> {
  const [first] = await transaction.$queryRaw<{ id: string }[]>`
    SELECT id FROM format_audit_jobs
    WHERE stage = ${stage} AND (starts_with(prefix, ${prefix}) OR starts_with(${prefix}, prefix))
      AND (status IN ('pending', 'running') OR (lease_owner IS NOT NULL AND lease_until > now()))
    ORDER BY position LIMIT 1`;
  if (!first) return null;
  return toJob(
    await transaction.formatAuditJob.findUniqueOrThrow({
      where: { id: first.id },
    }),
  );
}

export async function nextNumber(transaction: Transaction, day: Date): Promise<number> {
  const prefix = auditDayPrefix(day);
  const [row] = await transaction.$queryRaw<{ last: number | null }[]>`
    SELECT max(substr(id, ${prefix.length + 1}::int)::int) AS last
    FROM format_audit_jobs WHERE starts_with(id, ${prefix})`;
  return (row?.last ?? 0) + 1;
}
