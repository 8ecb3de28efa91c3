import { setTimeout as sleep } from 'node:timers/promises';
import { PgBoss } from 'pg-boss';
import { createBackoff } from './backoff.ts';
import {
  type QueuedJob,
  registerQueued,
  registerScheduled,
  type ScheduledJob,
} from './job-queues.ts';
import type { Logger } from './logger.ts';

export type { QueuedJob, ScheduledJob } from './job-queues.ts';

export interface JobRunnerOptions {
  databaseUrl: string;
  /** Whether to create and update the schema `pgboss`; otherwise it has to be there. */
  migrate: boolean;
  logger: Logger;
  jobs: readonly ScheduledJob[];
  queues?: readonly QueuedJob[];
  /** How often to look for jobs; tests want it sooner. */
  pollSeconds?: number | undefined;
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

/**
 * Runs jobs on pg-boss, whose tables live in the schema `pgboss` of the same database. Every worker
 * has a runner; the tables see to it that a scheduled job is due once, and runs once at a time, and
 * that a job that was sent is taken once.
 */
export function createJobRunner(options: JobRunnerOptions): JobRunner {
  const { logger, jobs, queues = [], pollSeconds } = options;
  const stopping = new AbortController();
  let starting: Promise<PgBoss | null> = Promise.resolve(null);

  /** Null when it was stopped before the database answered. */
  async function startPatiently(): Promise<PgBoss | null> {
    const backoff = createBackoff(stopping.signal);
    while (!stopping.signal.aborted) {
      const boss = connect(options);
      try {
        await boss.start();
        const context = { logger, stopping: stopping.signal, pollSeconds };
        // Queues first: what a schedule makes up for is what was sent to them.
        for (const queue of queues) await registerQueued(boss, queue, context);
        for (const job of jobs) await registerScheduled(boss, job, context);
        logger.info({ jobs: [...queues, ...jobs].map(({ name }) => name) }, 'jobs.started');
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
