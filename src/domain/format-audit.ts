/** What a format audit is asked for, and what it finds. */

/** 1: Content-Type of main images. 2: `thumb_*.png` that are JPEG, copied. 3: those deleted. */
export type AuditStage = 1 | 2 | 3;

export interface AuditRequest {
  stage: AuditStage;
  /** Only objects whose keys begin so; never below `ingest/` and `thumbnails/`. */
  prefix: string;
  /** Changes nothing; its numbers are those that a real run would have. */
  dryRun: boolean;
  /** How many objects to look at, at most; null for all. */
  limit: number | null;
}

/** Each counts objects. What does not belong to a stage stays 0. */
export interface AuditStats {
  processed: number;
  fixed: number;
  already_correct: number;
  skipped: number;
  errors: number;
  copied: number;
  already_exists: number;
  skipped_not_jpeg: number;
  deleted: number;
  skipped_no_jpg: number;
}

/** An object that was not dealt with. The reason is for operators: no host, no bucket, no secret. */
export interface AuditError {
  key: string;
  reason: string;
}

/** An object that was left as it is, errors included. */
export interface AuditLeft extends AuditError {
  /** What counts it. */
  outcome: keyof AuditStats;
}

/** An object that was changed, or would be. `from` and `to` are content types, or keys. */
export interface AuditChange {
  key: string;
  from: string;
  to: string;
}

export function noStats(): AuditStats {
  return {
    processed: 0,
    fixed: 0,
    already_correct: 0,
    skipped: 0,
    errors: 0,
    copied: 0,
    already_exists: 0,
    skipped_not_jpeg: 0,
    deleted: 0,
    skipped_no_jpg: 0,
  };
}

/** In the order in which they are printed. */
export const AUDIT_COUNTERS = Object.keys(noStats()) as readonly (keyof AuditStats)[];

export function addStats(one: AuditStats, other: AuditStats): AuditStats {
  const sum = noStats();
  for (const counter of AUDIT_COUNTERS) sum[counter] = one[counter] + other[counter];
  return sum;
}

declare const brand: unique symbol;

/** Where an audit job stands. */
export const AUDIT_STATUSES = ['pending', 'running', 'completed', 'failed', 'cancelled'] as const;
export type AuditStatus = (typeof AUDIT_STATUSES)[number];

/** Such as `mig_20260120_001`: the day in UTC, and the number of the job on it. */
export type AuditJobId = string & { readonly [brand]: 'AuditJobId' };

const JOB_ID = /^mig_\d{8}_\d{3,9}$/;

export function isAuditJobId(text: string): text is AuditJobId {
  return JOB_ID.test(text);
}

/** @param number from 1 on, among the jobs of that day */
export function auditJobId(day: Date, number: number): AuditJobId {
  return `${auditDayPrefix(day)}${String(number).padStart(3, '0')}` as AuditJobId;
}

/** What the ids of all jobs of that day begin with. */
export function auditDayPrefix(day: Date): string {
  return `mig_${day.toISOString().slice(0, 10).replaceAll('-', '')}_`;
}
