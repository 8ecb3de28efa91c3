import type {
  AuditChange,
  AuditError,
  AuditRequest,
  AuditStats,
} from '../../domain/format-audit.ts';

export type {
  AuditChange,
  AuditError,
  AuditRequest,
  AuditStage,
  AuditStats,
} from '../../domain/format-audit.ts';
export { noStats } from '../../domain/format-audit.ts';

/** What the stages and the jobs have agreed on. */

/** What became of one page of the listing: the unit of checkpoints. */
export interface AuditPage {
  stats: AuditStats;
  /** All of them, in order of their keys. */
  errors: AuditError[];
  changes: AuditChange[];
  /** What was not touched and is no error either, where there is more to say than the counter does. */
  left?: AuditError[];
  /** The last key that was looked at; null when the listing is at its end. */
  next: string | null;
}

/**
 * Works off one page of at most 1,000 objects. Run again from the same place it comes to the same end.
 * Throws when the store is away: nothing of the page is to be counted then.
 */
export type AuditOnePage = (
  request: AuditRequest,
  from: {
    /** Null for the beginning. */
    after: string | null;
    /** How many objects the job may still look at; null for any number. */
    remaining: number | null;
  },
  signal: AbortSignal,
) => Promise<AuditPage>;
