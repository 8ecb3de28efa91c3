import { setTimeout as sleepFor } from 'node:timers/promises';

/** Spreads requests evenly over time, and more thinly while whoever gets them has too many. */
export interface Pacer {
  /** Resolves when the next request may go out; first come, first served. Rejects on abort. */
  take(signal?: AbortSignal): Promise<void>;
  /**
   * Halves the rate, which then grows back. Many requests in flight hear the same complaint, so this
   * does it once a second at most; returns whether it did.
   */
  slowDown(): boolean;
  /** Requests a second, as of now. */
  rate(): number;
}

export interface PacerClock {
  /** Milliseconds. */
  now(): number;
  sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void>;
}

const systemClock: PacerClock = {
  now: () => performance.now(),
  sleep: (milliseconds, signal) => sleepFor(milliseconds, undefined, signal && { signal }),
};

const LOWEST_PER_SECOND = 1;
const BETWEEN_COMPLAINTS_MS = 1000;
/** After this long a rate that was all but nothing is whole again. */
const RECOVERY_MS = 20_000;
/** Timers are late by some milliseconds: so much lost time is made up for. */
const MAKE_UP_MS = 100;

/** @param requestsPerSecond the rate as long as nobody complains */
export function createPacer(requestsPerSecond: number, clock: PacerClock = systemClock): Pacer {
  let rate = requestsPerSecond;
  let rateAt = clock.now();
  let complainedAt = Number.NEGATIVE_INFINITY;
  let nextSlot = Number.NEGATIVE_INFINITY;

  function recover(now: number): void {
    const grown = (requestsPerSecond * (now - rateAt)) / RECOVERY_MS;
    rate = Math.min(requestsPerSecond, rate + grown);
    rateAt = now;
  }

  return {
    async take(signal) {
      signal?.throwIfAborted();
      const now = clock.now();
      recover(now);
      const slot = Math.max(nextSlot, now - MAKE_UP_MS);
      nextSlot = slot + 1000 / rate;
      if (slot > now) await clock.sleep(slot - now, signal);
    },

    slowDown() {
      const now = clock.now();
      if (now - complainedAt < BETWEEN_COMPLAINTS_MS) return false;
      recover(now);
      rate = Math.max(LOWEST_PER_SECOND, rate / 2);
      complainedAt = now;
      return true;
    },

    rate() {
      recover(clock.now());
      return rate;
    },
  };
}
