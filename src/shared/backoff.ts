import { setTimeout as sleep } from 'node:timers/promises';

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 15_000;

/** Exponential backoff with jitter: waits longer after each failure in a row. */
export interface Backoff {
  /** How many failures there were in a row. */
  readonly failures: number;
  failed(): void;
  succeeded(): void;
  /** Waits as long as the failures so far demand; at once when there were none, or on abort. */
  wait(): Promise<void>;
}

export function createBackoff(signal: AbortSignal): Backoff {
  let failures = 0;
  return {
    get failures() {
      return failures;
    },
    failed() {
      failures += 1;
    },
    succeeded() {
      failures = 0;
    },
    async wait() {
      if (failures === 0) return;
      const delay = Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), LONGEST_DELAY_MS);
      // Half of it at random: many workers must not come back all at the same moment.
      await sleep(delay / 2 + Math.random() * (delay / 2), undefined, { signal }).catch(() => {});
    },
  };
}
