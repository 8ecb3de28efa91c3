export interface SimulationResult {
  workers: number;
  arrivals: number;
  /** Messages that were worked through. */
  done: number;
  /** Messages that went to the dead-letter queue. */
  dead: number;
  /** What there is at the end: waiting, in work, and on its way back after a failure. */
  left: { waiting: number; inWork: number; returning: number };
  /** Receives beyond the first of each message. */
  redelivered: number;
  /**
   * From being sent to being received for the first time. Messages that wait at the end count with
   * what they have waited so far.
   */
  wait: { meanSeconds: number; p95Seconds: number; maxSeconds: number };
  /** The greatest age that any message came to before it was gone, in seconds. */
  oldestSeconds: number;
  /** The most that waited at a time. */
  maxBacklog: number;
  /** The most at a time that were received and not yet gone, which SQS limits. */
  maxInFlight: number;
  /** After the burst, until nothing waited for the first time; null without burst, or when it never was. */
  drainSeconds: number | null;
  /** Of all cores, how much of the time they worked, 0-1. */
  utilisation: number;
}

export interface Waits {
  /** @param seconds that a message waited which is received now */
  add(seconds: number): void;
  /** @param unfinished of messages that wait still: how long they have up to now */
  summary(unfinished: readonly number[]): SimulationResult['wait'];
}

/** Collects how long messages have waited. */
export function createWaits(): Waits {
  const waits: number[] = [];
  return {
    add: (seconds) => waits.push(seconds),

    summary(unfinished) {
      // Unlike an array's, its sort() compares numbers, and is fast with millions.
      const sorted = Float64Array.from([...waits, ...unfinished]).sort();
      if (sorted.length === 0) return { meanSeconds: 0, p95Seconds: 0, maxSeconds: 0 };
      const rank = Math.ceil(0.95 * sorted.length);
      return {
        meanSeconds: sorted.reduce((sum, seconds) => sum + seconds, 0) / sorted.length,
        p95Seconds: sorted[rank - 1] ?? 0,
        maxSeconds: sorted.at(-1) ?? 0,
      };
    },
  };
}
