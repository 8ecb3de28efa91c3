import { createBackoff } from './backoff.ts';
import type { Logger } from './logger.ts';

/**
 * Holds work back while something that it needs is away. Receiving a message in vain is a step
 * towards the dead-letter queue, so an outage must not be met by trying.
 */
export interface DependencyGate {
  /** Something failed: ask again before more work is let through. */
  doubt(): void;
  /** Resolves when all is well, or when stopping. */
  pass(): Promise<void>;
}

/** Starts in doubt, so that a process that starts during an outage waits for its end. */
export function createDependencyGate(
  assertReady: () => Promise<void>,
  logger: Logger,
  stopping: AbortSignal,
): DependencyGate {
  const backoff = createBackoff(stopping);
  let doubtful = true;
  let probing: Promise<void> | undefined;

  async function probe(): Promise<void> {
    while (!stopping.aborted) {
      // Cleared before asking: a failure that comes in meanwhile counts for the next time.
      doubtful = false;
      try {
        await assertReady();
        backoff.succeeded();
        return;
      } catch (error) {
        doubtful = true;
        backoff.failed();
        logger.warn({ err: error, failures: backoff.failures }, 'worker.waiting_for_dependencies');
        await backoff.wait();
      }
    }
  }

  return {
    doubt() {
      doubtful = true;
    },
    async pass() {
      if (!doubtful && !probing) return;
      probing ??= probe().finally(() => {
        probing = undefined;
      });
      await probing;
    },
  };
}
