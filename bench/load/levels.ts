import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome, Sender } from './sender.ts';
import type { Traffic } from './traffic.ts';

export interface Target {
  sender: Sender;
  traffic: Traffic;
}

/** A request of an open loop; times are milliseconds since the level began. */
export interface Sample {
  /** When it was due, whether or not it could be sent then. */
  dueMs: number;
  /** How much later than that it was sent: the load generator's own fault, and in the latency. */
  lateMs: number;
  latencyMs: number;
  outcome: Outcome;
}

/** Requests that may be under way at a time: beyond, a level counts them as failed, unsent. */
const MAX_OUTSTANDING = 3_000;
const MAX_REQUESTS = 200_000;
/** Within one process nothing is ever sent more punctually. */
const TICK_MS = 2;

/**
 * A closed loop: each of so many clients asks again as soon as it has its answer.
 *
 * @returns answers a second
 */
export async function measureCapacity(
  { sender, traffic }: Target,
  { clients, seconds, signal }: { clients: number; seconds: number; signal: AbortSignal },
): Promise<number> {
  const started = performance.now();
  const end = started + seconds * 1000;
  let answered = 0;
  async function client(): Promise<void> {
    while (performance.now() < end && !signal.aborted) {
      const outcome = await sender.send(traffic.next());
      if (outcome === 'answered') answered += 1;
      // A service that refuses at once would keep this loop from ever giving way.
      else await sleep(TICK_MS);
    }
  }
  await Promise.all(Array.from({ length: clients }, client));
  return (answered * 1000) / (performance.now() - started);
}

/** A level that is under way. */
export interface Level {
  /** Resolves when everything has been sent. */
  sent: Promise<void>;
  /** Resolves when everything sent is over. */
  over: Promise<Sample[]>;
}

/**
 * An open loop: requests at a fixed rate, whatever becomes of those before. What is late in being
 * sent counts from when it was due, so nothing hides behind a slow answer.
 *
 * @param rate requests a second
 */
export function holdRate(
  { sender, traffic }: Target,
  { rate, seconds, signal }: { rate: number; seconds: number; signal: AbortSignal },
): Level {
  const total = Math.min(Math.round(rate * seconds), MAX_REQUESTS);
  const samples: Sample[] = [];
  const under: Promise<void>[] = [];
  const started = performance.now();

  async function send(dueMs: number): Promise<void> {
    const lateMs = performance.now() - started - dueMs;
    const outcome = await sender.send(traffic.next());
    samples.push({ dueMs, lateMs, latencyMs: performance.now() - started - dueMs, outcome });
  }

  async function sendAll(): Promise<void> {
    for (let sent = 0; sent < total && !signal.aborted; ) {
      const now = performance.now() - started;
      for (; sent < total && (sent * 1000) / rate <= now; sent += 1) {
        const dueMs = (sent * 1000) / rate;
        if (sender.outstanding() < MAX_OUTSTANDING) under.push(send(dueMs));
        else samples.push({ dueMs, lateMs: 0, latencyMs: 0, outcome: 'failed' });
      }
      await sleep(TICK_MS);
    }
  }

  const sent = sendAll();
  const over = sent.then(() => (signal.aborted ? [] : Promise.all(under))).then(() => samples);
  return { sent, over };
}
