import type { AuditJobId, AuditRequest } from '../../domain/format-audit.ts';
import type { FormatAuditJob, FormatAuditJobs } from '../../shared/format-audit-jobs.ts';
import type { Logger } from '../../shared/logger.ts';
import type { Telemetry } from '../../shared/telemetry/telemetry.ts';
import { keepIntents } from './keep-intents.ts';
import { keepLease } from './lease.ts';
import type { AuditOnePage, AuditPage, Intents } from './model.ts';

export interface RunAuditDeps {
  jobs: Pick<
    FormatAuditJobs,
    'takeUp' | 'keep' | 'countPage' | 'release' | 'fail' | 'intend' | 'listIntended'
  >;
  auditOnePage: AuditOnePage;
  telemetry: Pick<Telemetry, 'emit'>;
  logger: Logger;
  /** How long a runner that gives no sign of life keeps others away; 60 unless told. */
  leaseSeconds?: number;
  /** After which the job gives way to others, between two pages; never unless told. */
  turnSeconds?: number;
  /** Between two looks at whether the job was cancelled; 2 unless told. */
  checkSeconds?: number;
  /** Failed attempts in a row, at most 5 minutes apart, after which it is given up; about a day's. */
  maxFailures?: number;
}

/**
 * `ended`: for good. `elsewhere`: somebody else's, put off, or no active job. `turn_over`, `put_off`:
 * to be taken up again, at once or in `putOffSeconds`. `interrupted`: by the signal.
 */
export type RunOutcome =
  | { outcome: 'ended' | 'elsewhere' | 'turn_over' | 'interrupted' }
  | { outcome: 'put_off'; putOffSeconds: number };

export interface RunOptions {
  signal: AbortSignal;
  /** Of the lease: nobody else has this name. */
  owner: string;
  onPage?: (job: FormatAuditJob) => void;
}

export type RunAudit = (id: AuditJobId, options: RunOptions) => Promise<RunOutcome>;

export const LEASE_SECONDS = 60;
const CHECK_SECONDS = 2;
const FIRST_PUT_OFF_SECONDS = 5;
const LONGEST_PUT_OFF_SECONDS = 300;
const MAX_FAILURES = 300;

/**
 * Works on a job, page by page, from its checkpoint on. Killed anywhere, the next run begins with the
 * page that was not counted. While the store is away the job is put off, not failed. Throws when the
 * database is away.
 */
export function makeRunAudit(deps: RunAuditDeps): RunAudit {
  const { jobs, logger } = deps;
  const { leaseSeconds = LEASE_SECONDS, checkSeconds = CHECK_SECONDS } = deps;
  return async (id, { signal, owner, onPage }) => {
    const job = await jobs.takeUp(id, owner, leaseSeconds);
    if (!job) return { outcome: 'elsewhere' };
    const lease = keepLease({
      keep: () => jobs.keep(id, owner, leaseSeconds),
      checkSeconds,
      leaseSeconds,
      logger: logger.child({ jobId: id }),
    });
    try {
      return await runPages(deps, job, {
        owner,
        signal: AbortSignal.any([signal, lease.stopped]),
        onPage: onPage ?? (() => {}),
      });
    } catch (error) {
      // Without this the next run would have to wait until the lease is over.
      await jobs.release(id, owner).catch(() => {});
      throw error;
    } finally {
      lease.end();
    }
  };
}

async function runPages(
  deps: RunAuditDeps,
  start: FormatAuditJob,
  run: Required<RunOptions>,
): Promise<RunOutcome> {
  const { jobs, turnSeconds = Number.POSITIVE_INFINITY } = deps;
  const { owner, signal } = run;
  const turnEndsAt = performance.now() + turnSeconds * 1000;
  const { id } = start;
  const intents = keepIntents((changes) => jobs.intend(id, changes), await jobs.listIntended(id));
  let job = start;
  while (!signal.aborted) {
    const startedAt = performance.now();
    let page: AuditPage;
    try {
      page = await auditPageOf(deps.auditOnePage, job, intents, signal);
    } catch (error) {
      if (signal.aborted) break;
      return putOff(deps, job, owner, error);
    }
    // Interrupted before its first object: that is no empty listing.
    if (signal.aborted && page.stats.processed === 0) break;
    const seconds = (performance.now() - startedAt) / 1000;
    const counted = await jobs.countPage(job, owner, { ...page, isLast: isLast(job, page) });
    if (!counted) return { outcome: 'elsewhere' };
    tellPage(deps, counted, page, seconds);
    job = counted;
    run.onPage(job);
    if (job.status === 'completed') {
      tellEnd(deps, job);
      return { outcome: 'ended' };
    }
    if (job.status !== 'running') break;
    if (performance.now() >= turnEndsAt) {
      await jobs.release(job.id, owner);
      return { outcome: 'turn_over' };
    }
  }
  await jobs.release(job.id, owner);
  return { outcome: 'interrupted' };
}

async function auditPageOf(
  auditOnePage: AuditOnePage,
  { checkpoint, stats, ...job }: FormatAuditJob,
  intents: Intents,
  signal: AbortSignal,
): Promise<AuditPage> {
  const { stage, prefix, dryRun, limit } = job;
  const request: AuditRequest = { stage, prefix, dryRun, limit };
  const remaining = limit === null ? null : limit - stats.processed;
  const page = await auditOnePage(request, { after: checkpoint, remaining, intents }, signal);
  if (page.next !== null && page.next === checkpoint && !signal.aborted) {
    throw new Error('a page of the listing ended where it began');
  }
  return page;
}

function isLast({ limit, stats }: FormatAuditJob, page: AuditPage): boolean {
  if (page.next === null) return true;
  return limit !== null && stats.processed + page.stats.processed >= limit;
}

/** For longer after each failure in a row; given up after very many. */
async function putOff(
  deps: RunAuditDeps,
  { id, failures }: FormatAuditJob,
  owner: string,
  error: unknown,
): Promise<RunOutcome> {
  const { jobs, logger, maxFailures = MAX_FAILURES } = deps;
  logger.warn({ jobId: id, failures: failures + 1, err: error }, 'audit.page_failed');
  if (failures + 1 >= maxFailures) {
    const reason = `given up after ${maxFailures} failed attempts in a row: the store does not answer`;
    const failed = await jobs.fail(id, owner, { key: '', reason });
    if (failed) tellEnd(deps, failed);
    return { outcome: 'ended' };
  }
  const putOffSeconds = Math.min(
    FIRST_PUT_OFF_SECONDS * 2 ** Math.min(failures, 10),
    LONGEST_PUT_OFF_SECONDS,
  );
  await jobs.release(id, owner, putOffSeconds);
  return { outcome: 'put_off', putOffSeconds };
}

function tellPage(
  { telemetry, logger }: RunAuditDeps,
  { id: jobId, stage, dryRun }: FormatAuditJob,
  { stats }: AuditPage,
  seconds: number,
): void {
  telemetry.emit('audit.page_done', { jobId, stage, dryRun, ...stats, seconds }, logger);
}

function tellEnd({ telemetry, logger }: RunAuditDeps, job: FormatAuditJob): void {
  const { id: jobId, stage, status, stats } = job;
  telemetry.emit('audit.finished', { jobId, stage, status, ...stats }, logger);
}
