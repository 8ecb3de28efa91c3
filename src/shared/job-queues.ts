import type { Job, PgBoss, QueueOptions } from 'pg-boss';
import type { Logger } from './logger.ts';

/** What every job has. */
interface RunnableJob {
  /** Also the name of its queue. */
  name: string;
  /** A run that takes longer is given up: told to stop, and tried again. */
  expireInSeconds: number;
}

/** Work that is due at certain times and done once in the cluster, whoever of it does it. */
export interface ScheduledJob extends RunnableJob {
  /** In UTC. */
  cron: string;
  /**
   * When the signal is aborted, a run has to come to its end soon; it counts as failed then.
   * Throwing lets it be tried again. What it returns is kept with the job.
   */
  run(signal: AbortSignal): Promise<object>;
}

/** Work that somebody sends, and one runner of the cluster takes. */
export interface QueuedJob extends RunnableJob {
  /** How many jobs are taken at a time, for one run together. */
  batchSize: number;
  /** `short`: of jobs with the same key no more than one waits. `standard` unless told. */
  policy?: 'standard' | 'short';
  /** As that of a scheduled job, with the data that the jobs were sent with, by any version. */
  run(data: readonly unknown[], signal: AbortSignal): Promise<object>;
}

export interface JobContext {
  logger: Logger;
  /** Aborted when the runner is told to stop. */
  stopping: AbortSignal;
  /** How often to look for jobs, in seconds. */
  pollSeconds?: number | undefined;
}

/** Nobody waits for what is scheduled by the minute; somebody may wait for what was sent. */
const SCHEDULED_POLL_SECONDS = 30;
const QUEUED_POLL_SECONDS = 2;
/** A run whose process is gone is noticed after this long without a sign of life. */
const HEARTBEAT_SECONDS = 60;
/** How long the database remembers a finished run. */
const KEEP_SECONDS = 7 * 86_400;

const COMMON = { heartbeatSeconds: HEARTBEAT_SECONDS, deleteAfterSeconds: KEEP_SECONDS };
const SCHEDULED_RETRIES = { retryLimit: 3, retryDelay: 60 };
/** After 5 seconds or so, 10, 20, ... what fails then for 20 minutes is for a schedule to find. */
const QUEUED_RETRIES = { retryLimit: 8, retryDelay: 5, retryBackoff: true };

export async function registerScheduled(
  boss: PgBoss,
  { name, cron, expireInSeconds, run }: ScheduledJob,
  context: JobContext,
): Promise<void> {
  const { pollSeconds = SCHEDULED_POLL_SECONDS } = context;
  // Exclusive: while a run waits, works or is to be tried again, the next one is left out.
  await openQueue(boss, name, 'exclusive', { expireInSeconds, ...COMMON, ...SCHEDULED_RETRIES });
  await boss.schedule(name, cron);
  await boss.work(name, { pollingIntervalSeconds: pollSeconds }, (jobs) =>
    runOnce(name, jobs, context, run),
  );
}

export async function registerQueued(
  boss: PgBoss,
  { name, batchSize, policy = 'standard', expireInSeconds, run }: QueuedJob,
  context: JobContext,
): Promise<void> {
  const { pollSeconds = QUEUED_POLL_SECONDS } = context;
  await openQueue(boss, name, policy, { expireInSeconds, ...COMMON, ...QUEUED_RETRIES });
  await boss.work(name, { pollingIntervalSeconds: pollSeconds, batchSize }, (jobs) =>
    runOnce(name, jobs, context, (signal) =>
      run(
        jobs.map(({ data }) => data),
        signal,
      ),
    ),
  );
}

async function openQueue(
  boss: PgBoss,
  name: string,
  policy: 'exclusive' | 'standard' | 'short',
  settings: QueueOptions,
): Promise<void> {
  await boss.createQueue(name, { policy, ...settings });
  // The queue may be an older version's.
  await boss.updateQueue(name, settings);
}

async function runOnce(
  name: string,
  jobs: readonly Job<unknown>[],
  { logger, stopping }: JobContext,
  run: (signal: AbortSignal) => Promise<object>,
): Promise<object | undefined> {
  const [first] = jobs;
  if (!first) return undefined;
  const signal = AbortSignal.any([stopping, ...jobs.map((job) => job.signal)]);
  const fields = { job: name, jobId: first.id, ...(jobs.length > 1 && { jobs: jobs.length }) };
  logger.info({ ...fields, retry: first.retryCount }, 'job.started');
  try {
    const result = await run(signal);
    // Failed, so that another runner takes over where this one was told to stop.
    if (signal.aborted) throw new Error('the run was interrupted');
    logger.info(fields, 'job.finished');
    return result;
  } catch (error) {
    logger.warn({ ...fields, err: error }, 'job.failed');
    throw error;
  }
}
