import { AUDIT_COUNTERS, type AuditStage, type AuditStats } from '../../domain/format-audit.ts';
import type { FormatAuditJob } from '../../shared/format-audit-jobs.ts';

const WORDS: Record<keyof AuditStats, string> = {
  processed: 'looked at',
  fixed: 'given the right Content-Type',
  already_correct: 'right already',
  skipped: 'skipped',
  errors: 'errors',
  copied: 'copied to .jpg',
  already_exists: 'left: the .jpg exists',
  skipped_not_jpeg: 'left: not JPEG',
  deleted: 'deleted',
  skipped_no_jpg: 'left: there is no .jpg',
};

const WOULD_BE: Partial<typeof WORDS> = {
  fixed: 'would be given the right Content-Type',
  copied: 'would be copied to .jpg',
  deleted: 'would be deleted',
};

const OF_STAGE: Record<AuditStage, readonly (keyof AuditStats)[]> = {
  1: ['processed', 'fixed', 'already_correct', 'skipped', 'errors'],
  2: ['processed', 'copied', 'already_exists', 'skipped_not_jpeg', 'skipped', 'errors'],
  3: ['processed', 'deleted', 'skipped_no_jpg', 'skipped_not_jpeg', 'skipped', 'errors'],
};

/** More of them are in the job itself. */
const SHOWN_ERRORS = 10;

/** What a job came to, for people. */
export function auditTable(job: FormatAuditJob): string {
  const { id, stage, status, dryRun, stats } = job;
  const usual = OF_STAGE[stage];
  const counters = [
    ...usual,
    ...AUDIT_COUNTERS.filter((name) => stats[name] > 0 && !usual.includes(name)),
  ];
  const rows = counters.map(
    (name) => [dryRun ? (WOULD_BE[name] ?? WORDS[name]) : WORDS[name], stats[name]] as const,
  );
  const wordsWidth = Math.max(...rows.map(([words]) => words.length));
  const width = Math.max(...rows.map(([, count]) => String(count).length));
  return [
    `${id}: stage ${stage}, ${status}`,
    ...(dryRun ? ['Dry run: nothing was changed.'] : []),
    ...rows.map(
      ([words, count]) => `${words.padEnd(wordsWidth)}  ${String(count).padStart(width)}`,
    ),
    ...errorLines(job),
    '',
  ].join('\n');
}

function errorLines({ errors, stats }: FormatAuditJob): string[] {
  const shown = errors.slice(0, SHOWN_ERRORS);
  const more = Math.max(stats.errors, errors.length) - shown.length;
  return [
    ...shown.map(({ key, reason }) => printable([key, reason].filter(Boolean).join(': '))),
    ...(more > 0 ? [`and ${more} more`] : []),
  ];
}

/** A key may hold anything, also what makes a terminal do things. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, '\u{fffd}');
}
