import type {
  AuditChange,
  AuditError,
  AuditLeft,
  AuditRequest,
  AuditStats,
} from '../../domain/format-audit.ts';

export type {
  AuditChange,
  AuditError,
  AuditLeft,
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
  left?: AuditLeft[];
  /** The last key that was looked at; null when the listing is at its end. */
  next: string | null;
}

/**
 * What is about to be changed, stored before it is: a run that is killed between a change and its
 * page's count leaves the next one a note of what it did.
 */
export interface Intents {
  /** Resolves when it is stored, and may be done. Rejects when the database is away. */
  add(change: AuditChange): Promise<void>;
  /** By key: of runs of this job whose page was not counted. Some may not have come to it. */
  earlier: ReadonlyMap<string, AuditChange>;
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
    intents: Intents;
  },
  signal: AbortSignal,
) => Promise<AuditPage>;
