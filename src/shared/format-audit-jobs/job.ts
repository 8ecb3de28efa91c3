import {
  type AuditError,
  type AuditJobId,
  type AuditRequest,
  type AuditStage,
  type AuditStats,
  type AuditStatus,
  addStats,
  noStats,
} from '../../domain/format-audit.ts';
import type { FormatAuditJobModel } from '../../generated/prisma/models.ts';

/** A row of `format_audit_jobs`. */
export interface FormatAuditJob extends AuditRequest {
  readonly id: AuditJobId;
  readonly status: AuditStatus;
  /** Whether stage 3 was to start whatever stage 2 has done. */
  readonly force: boolean;
  readonly stats: AuditStats;
  /** The first hundred. */
  readonly errors: readonly AuditError[];
  /** The first hundred that were left as they are for a reason worth telling. */
  readonly left: readonly AuditError[];
  /** The last key that is counted; null before the first page. */
  readonly checkpoint: string | null;
  readonly pages: number;
  /** Attempts in a row that came to nothing, because the store or the database was away. */
  readonly failures: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  /** When it was completed, failed or was cancelled. */
  readonly completedAt: Date | null;
  readonly updatedAt: Date;
}

export const ACTIVE: readonly string[] = ['pending', 'running'] satisfies AuditStatus[];

/** This module's inserts guarantee the narrower types. */
export function toJob(row: FormatAuditJobModel): FormatAuditJob {
  return {
    id: row.id as AuditJobId,
    status: row.status as AuditStatus,
    stage: row.stage as AuditStage,
    prefix: row.prefix,
    dryRun: row.dryRun,
    limit: row.objectLimit,
    force: row.force,
    // In their own order, which jsonb does not keep.
    stats: addStats(noStats(), row.stats as unknown as AuditStats),
    errors: row.errors as unknown as AuditError[],
    left: row.leftAlone as unknown as AuditError[],
    checkpoint: row.checkpoint === null ? null : String(JSON.parse(row.checkpoint)),
    pages: row.pages,
    failures: row.failures,
    createdAt: row.createdAt,
    startedAt: row.startedAt,
    completedAt: row.completedAt,
    updatedAt: row.updatedAt,
  };
}
