import { setTimeout as sleep } from 'node:timers/promises';
import { PgBoss } from 'pg-boss';
import { createBackoff } from './backoff.ts';
import type { Logger } from './logger.ts';

/** Work that is due at certain times and done once in the cluster, whoever of it does it. */
export interface ScheduledJob {
  /** Also the name of its queue. */
  name: string;
  /** In UTC. */
  cron: string;
  /** A run that takes longer is given up: told to stop, and tried again. */
  expireInSeconds: number;
  /**
   * When the signal is aborted, a run has to come to its end soon; it counts as failed then.
   * Throwing lets it be tried again. What it returns is kept with the job.
   */
  run(signal: AbortSignal): Promise<object>;
}

export interface JobRunnerOptions {
  databaseUrl: string;
  /** Whether to create and update the schema `pgboss`; otherwise it has to be there. */
  migrate: boolean;
  logger: Logger;
  jobs: readonly ScheduledJob[];
  /** How often to look for a job that is due; tests want it sooner than 30 seconds. */
  pollSeconds?: number;
}

export interface JobRunner {
  /** Starts in the background; waits for the database as long as it takes. */
  start(): void;
  /** Tells running jobs to come to their end; gives those that do not in time to another runner. */
  stop(timeoutSeconds: number): Promise<void>;
}

/** Waiting for its turn and doing one run hold a connection each, at most. */
const POOL_SIZE = 2;
const CONNECT_TIMEOUT_MS = 5_000;
const POLL_SECONDS = 30;
/** A run whose process is gone is noticed after this long without a sign of life. */
const HEARTBEAT_SECONDS = 60;
const RETRIES = 3;
const RETRY_DELAY_SECONDS = 60;
/** How long the database remembers a finished run. */
const KEEP_SECONDS = 7 * 86_400;

/**
 * Runs scheduled jobs on pg-boss, whose tables live in the schema `pgboss` of the same database.
 * Every worker has a runner; the tables see to it that a job is due once, and runs once at a time.
 */
export function createJobRunner(options: JobRunnerOptions): JobRunner {
  const { logger } = options;
  const stopping = new AbortController();
  let starting: Promise<PgBoss | null> = Promise.resolve(null);

  /** Null when it was stopped before the database answered. */
  async function startPatiently(): Promise<PgBoss | null> {
    const backoff = createBackoff(stopping.signal);
    while (!stopping.signal.aborted) {
      const boss = connect(options);
      try {
        await boss.start();
        for (const job of options.jobs) await register(boss, job, options, stopping.signal);
        logger.info({ jobs: options.jobs.map(({ name }) => name) }, 'jobs.started');
        return boss;
      } catch (error) {
        backoff.failed();
        logger.warn({ err: error, failures: backoff.failures }, 'jobs.unavailable');
        await boss.stop({ graceful: false }).catch(() => {});
        await backoff.wait();
      }
    }
    return null;
  }

  return {
    start() {
      starting = startPatiently();
    },

    async stop(timeoutSeconds) {
      stopping.abort();
      const timeout = timeoutSeconds * 1000;
      const stopped = starting.then((boss) => boss?.stop({ timeout }));
      // With the database away pg-boss would go on waiting for it.
      const timer = new AbortController();
      const late = sleep(timeout, undefined, { signal: timer.signal }).catch(() => {});
      await Promise.race([stopped, late]);
      timer.abort();
    },
  };
}

function connect({ databaseUrl, migrate, logger }: JobRunnerOptions): PgBoss {
  const boss = new PgBoss({
    connectionString: databaseUrl,
    application_name: 'media-api-jobs',
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    migrate,
    createSchema: migrate,
    // Minutes are exact enough for what is scheduled here; the default asks every five seconds.
    cronWorkerIntervalSeconds: 30,
  });
  // Whatever it is, pg-boss goes on by itself; without a listener the process would die of it.
  boss.on('error', (error) => logger.warn({ err: error }, 'jobs.unavailable'));
  boss.on('warning', ({ message }) => logger.warn({ warning: message }, 'jobs.warning'));
  return boss;
}

async function register(
  boss: PgBoss,
  { name, cron, expireInSeconds, run }: ScheduledJob,
  { logger, pollSeconds = POLL_SECONDS }: JobRunnerOptions,
  stopping: AbortSignal,
): Promise<void> {
  const settings = {
    expireInSeconds,
    heartbeatSeconds: HEARTBEAT_SECONDS,
    retryLimit: RETRIES,
    retryDelay: RETRY_DELAY_SECONDS,
    deleteAfterSeconds: KEEP_SECONDS,
  };
  // Exclusive: while a run waits, works or is to be tried again, the next one is left out.
  await boss.createQueue(name, { policy: 'exclusive', ...settings });
  // The queue may be an older version's.
  await boss.updateQueue(name, settings);
  await boss.schedule(name, cron);
  await boss.work(name, { pollingIntervalSeconds: pollSeconds }, async ([job]) => {
    if (!job) return undefined;
    const signal = AbortSignal.any([stopping, job.signal]);
    logger.info({ job: name, jobId: job.id, retry: job.retryCount }, 'job.started');
    try {
      const result = await run(signal);
      // Failed, so that another runner takes over where this one was told to stop.
      if (signal.aborted) throw new Error('the run was interrupted');
      logger.info({ job: name, jobId: job.id }, 'job.finished');
      return result;
    } catch (error) {
      logger.warn({ job: name, jobId: job.id, err: error }, 'job.failed');
      throw error;
    }
  });
}
