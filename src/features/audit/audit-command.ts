import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CommandIo, describeError, EXIT } from '../../shared/command.ts';
import { describeFailure } from '../../shared/command-report.ts';
import type { FormatAuditJob, FormatAuditJobs } from '../../shared/format-audit-jobs.ts';
import type { Logger } from '../../shared/logger.ts';
import { type AuditArguments, parseAuditArguments, USAGE } from './audit-arguments.ts';
import { type AuditProgress, createAuditProgress } from './audit-progress.ts';
import { type AuditReport, openChangesReport, openLeftReport } from './audit-report.ts';
import { auditTable } from './audit-table.ts';
import type { CancelAudit } from './cancel-audit.ts';
import { auditNotFound, type FindAudit } from './get-audit.ts';
import { jobJson } from './job-json.ts';
import { LEASE_SECONDS, type RunAudit, type RunOutcome } from './run-audit.ts';
import { jobActive, type StartAudit } from './start-audit.ts';

/** The audit with all that it holds open. */
export interface OpenAudit {
  jobs: Pick<FormatAuditJobs, 'reopen' | 'findCompleted' | 'listChanges' | 'listLeft'>;
  startAudit: StartAudit;
  cancelAudit: CancelAudit;
  findAudit: FindAudit;
  runAudit: RunAudit;
  logger: Logger;
  close(): Promise<void>;
}

/** How often to look at a job that another process works on. */
const LOOK_MS = 1_000;

/**
 * `npm run audit`. Resolves with the exit status.
 *
 * @param connect rejects with what is wrong with the configuration
 */
export async function runAuditCommand(
  argv: string[],
  io: CommandIo,
  connect: () => Promise<OpenAudit>,
): Promise<number> {
  let options: AuditArguments | null;
  try {
    options = parseAuditArguments(argv);
  } catch (error) {
    io.stderr.write(`${describeError(error)}\nSee npm run audit -- --help\n`);
    return EXIT.usage;
  }
  if (options === null) {
    io.stdout.write(USAGE);
    return EXIT.ok;
  }
  let audit: OpenAudit | undefined;
  try {
    audit = await connect();
    return await carryOut(audit, options, io);
  } catch (error) {
    io.stderr.write(describeFailure(error));
    return EXIT.failed;
  } finally {
    await audit?.close();
  }
}

async function carryOut(
  audit: OpenAudit,
  { job: wanted, json, report, reportLeft }: AuditArguments,
  io: CommandIo,
): Promise<number> {
  const reports: AuditReport[] = [];
  try {
    if (report !== undefined) reports.push(await openChangesReport(report, audit.jobs));
    if (reportLeft !== undefined) reports.push(await openLeftReport(reportLeft, audit.jobs));
    const owner = randomUUID();
    const begun = await begin(audit, wanted, owner);
    const job = await follow(audit, begun, owner, io);
    for (const each of reports) await each.write(job.id);
    io.stdout.write(json ? `${JSON.stringify(jobJson(job))}\n` : auditTable(job));
    if (job.status === 'cancelled' || job.status === 'failed') {
      io.stderr.write(`Go on with it: npm run audit -- --resume ${job.id}\n`);
    }
    if (job.status === 'cancelled') return EXIT.interrupted;
    return job.status === 'completed' && job.stats.errors === 0 ? EXIT.ok : EXIT.failed;
  } finally {
    for (const each of reports) await each.close();
  }
}

/** The lease comes with the job, so that no worker takes it first. */
async function begin(
  { jobs, startAudit, findAudit, logger }: OpenAudit,
  wanted: AuditArguments['job'],
  owner: string,
): Promise<FormatAuditJob> {
  const lease = { owner, seconds: LEASE_SECONDS };
  if ('start' in wanted) return startAudit(wanted.start, logger, lease);
  const job = await findAudit(wanted.resume);
  if (!job) throw auditNotFound();
  const reopened = await jobs.reopen(job.id, lease);
  if (!reopened) return job;
  if ('conflict' in reopened) throw jobActive(reopened.conflict);
  return reopened.job;
}

async function follow(
  audit: OpenAudit,
  begun: FormatAuditJob,
  owner: string,
  { stderr, signal }: CommandIo,
): Promise<FormatAuditJob> {
  const { id, stats } = begun;
  const total = await expectedTotal(audit, begun);
  const progress = createAuditProgress(stderr, { from: stats.processed, total });
  if (isActive(begun))
    progress.note(`${id}: stage ${begun.stage}${begun.dryRun ? ', dry run' : ''}`);
  const onAbort = () => progress.note('Stopping.');
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    let job = begun;
    let isFirst = true;
    while (isActive(job)) {
      const onPage = (at: FormatAuditJob) => progress.at(at.stats.processed);
      const result = await audit.runAudit(id, { signal, owner, onPage });
      if (signal.aborted) await cancelUnlessEnded(audit, id);
      job = (await audit.findAudit(id)) ?? job;
      if (!isActive(job) || signal.aborted) continue;
      if (isFirst && result.outcome === 'elsewhere') {
        progress.note(`Another process has it. Were that killed, ${id} goes on within a minute.`);
      }
      isFirst = false;
      await waitAfter(result, job, progress, signal);
    }
    return job;
  } catch (error) {
    progress.note(`Go on with it: npm run audit -- --resume ${id}`);
    throw error;
  } finally {
    progress.end();
    signal.removeEventListener('abort', onAbort);
  }
}

async function waitAfter(
  result: RunOutcome,
  job: FormatAuditJob,
  progress: AuditProgress,
  signal: AbortSignal,
): Promise<void> {
  let pauseMs = LOOK_MS;
  if (result.outcome === 'put_off') {
    pauseMs = result.putOffSeconds * 1000;
    progress.note(`The store does not answer. Next attempt in ${result.putOffSeconds} s.`);
  } else {
    progress.at(job.stats.processed);
  }
  await sleep(pauseMs, undefined, { signal }).catch(() => {});
}

/** It may have come to its end, or been cancelled by somebody else, in the same moment. */
async function cancelUnlessEnded(
  { cancelAudit, logger }: OpenAudit,
  id: FormatAuditJob['id'],
): Promise<void> {
  await cancelAudit(id, logger).catch((error: unknown) => {
    if ((error as { code?: unknown }).code !== 'AUDIT_JOB_ENDED') throw error;
  });
}

/** Its limit, or as many as there were the last time. */
async function expectedTotal(
  { jobs }: OpenAudit,
  { stage, prefix, limit }: FormatAuditJob,
): Promise<number | null> {
  const last = await jobs.findCompleted(stage, prefix);
  const known = [limit, last?.stats.processed].filter((count) => typeof count === 'number');
  return known.length === 0 ? null : Math.min(...known);
}

function isActive({ status }: FormatAuditJob): boolean {
  return status === 'pending' || status === 'running';
}
