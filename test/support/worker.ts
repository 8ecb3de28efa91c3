import { startWorker } from '../../src/app/worker.ts';
import { loadWorkerConfig } from '../../src/shared/config.ts';
import { eventually } from './eventually.ts';
import type { PassingRequest, Verdict } from './http-proxy.ts';
import { type CapturedLog, captureLog, type LogLine, lastLines } from './log.ts';
import { type Surroundings, type SurroundingsOptions, startSurroundings } from './surroundings.ts';
import { tellOnFailure } from './tell-on-failure.ts';

export interface TestWorker extends Surroundings {
  log: CapturedLog;
  /** Sends a message and waits until it is gone from the queue; resolves with what was logged. */
  handled(body: string): Promise<LogLine[]>;
}

const VISIBILITY_SECS = 20;

export interface WorkerOptions {
  environment?: Record<string, string>;
  /** The database can only be reached after `comeBack()`. */
  databaseAway?: boolean;
}

/** Starts the real worker, in this process, on surroundings of its own. */
export async function startTestWorker(
  options: SurroundingsOptions & WorkerOptions = {},
): Promise<TestWorker> {
  const surroundings = await startSurroundings(options);
  const log = captureLog();
  const config = loadWorkerConfig({
    ...surroundings.environment,
    SQS_VISIBILITY_TIMEOUT_SECS: String(VISIBILITY_SECS),
    SHUTDOWN_TIMEOUT_SECS: '5',
    ...options.environment,
  });
  if (options.databaseAway) surroundings.proxies.database.goAway();
  const worker = startWorker(config, { logger: log.logger });
  // By then its Prisma has imported its engine, which Jest refuses between two tests.
  await eventually(() => {
    const isReceiving = surroundings.proxies.sqs.passed.length > 0;
    const isWaiting = log.lines.some(({ msg }) => msg === 'worker.waiting_for_dependencies');
    if (!isReceiving && !isWaiting) throw new Error('the worker has not looked around yet');
  });
  tellOnFailure('the log of the worker', () => lastLines(log.lines));
  return {
    ...surroundings,
    log,
    async handled(body) {
      const id = await surroundings.queue.send(body);
      await surroundings.settled();
      return log.lines.filter(({ messageId }) => messageId === id);
    },
    async close() {
      await worker.close();
      await surroundings.close();
    },
  };
}

/**
 * For a queue's proxy: messages that are put off come back at once, so that a test sees all tries
 * of a message without waiting. What was asked for is still in `passed`.
 */
export function withoutDelays({ action, body }: PassingRequest): Verdict {
  if (action !== 'ChangeMessageVisibility') return 'pass';
  const change = JSON.parse(body);
  // A heartbeat puts nothing off.
  if (change.VisibilityTimeout === VISIBILITY_SECS) return 'pass';
  return { body: JSON.stringify({ ...change, VisibilityTimeout: 0 }) };
}

/** The visibility timeouts that were asked for, in seconds. */
export function visibilityChanges(passed: PassingRequest[]): number[] {
  return passed
    .filter(({ action }) => action === 'ChangeMessageVisibility')
    .map(({ body }) => JSON.parse(body).VisibilityTimeout);
}
