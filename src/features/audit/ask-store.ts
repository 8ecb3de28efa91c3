import { createBackoff } from '../../shared/backoff.ts';
import type { Logger } from '../../shared/logger.ts';
import { failureOf, type StoreFailure } from '../../shared/object-store/failures.ts';
import type { Pacer } from '../../shared/pacer.ts';

/** What the store said about one object. */
export type Answer<Value> =
  | { value: Value; failure?: undefined }
  | { value?: undefined; failure: StoreFailure };

/**
 * Sends a request to the store, at the audit's pace and again where that may help. Rejects where the
 * store has nothing to say about any object, being away, locked, or busy for minutes.
 *
 * @param signal aborts what is waited for before and between requests, never a request; null for what
 *   belongs to something that was begun
 */
export type AskStore = <Value>(
  request: () => Promise<Value>,
  signal: AbortSignal | null,
) => Promise<Answer<Value>>;

export interface AskStoreDeps {
  pacer: Pacer;
  logger: Logger;
}

/** With waits that double from a quarter of a second to a quarter of a minute. */
const ATTEMPTS = { busy: 10, fault: 4, away: 4 };
const NEVER = new AbortController().signal;

export function makeAskStore({ pacer, logger }: AskStoreDeps): AskStore {
  return async (request, signal) => {
    const backoff = createBackoff(signal ?? NEVER);
    for (;;) {
      await backoff.wait();
      await pacer.take(signal ?? undefined);
      try {
        return { value: await request() };
      } catch (error) {
        const failure = failureOf(error);
        const { kind, reason } = failure;
        if (kind === 'busy' && pacer.slowDown()) {
          logger.warn({ requestsPerSecond: Math.round(pacer.rate()) }, 'audit.slowed_down');
        }
        backoff.failed();
        const mayHelp = kind === 'busy' || kind === 'fault' || kind === 'away';
        if (mayHelp && backoff.failures < ATTEMPTS[kind]) continue;
        // An error from the SDK can name the host and the bucket.
        if (kind === 'busy' || kind === 'away' || kind === 'locked') {
          throw new Error(`the object store cannot be asked: ${reason}`, { cause: error });
        }
        return { failure };
      }
    }
  };
}
