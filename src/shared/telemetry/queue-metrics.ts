import { Gauge, type Registry } from 'prom-client';
import type { Logger } from '../logger.ts';
import type { QueueDepths } from '../queue.ts';
import { createRecentMax } from './recent-max.ts';

export interface QueueSource {
  /** Asks the queue; rejects while it cannot tell. */
  depths(): Promise<QueueDepths>;
  /** How many messages are in work at this moment. */
  inWork(): number;
  logger: Logger;
}

/** At least this long between two questions to the queue, in milliseconds: each is a paid request. */
export const MIN_POLL_INTERVAL_MS = 15_000;

/** Long enough for any usual scrape interval to see each value, in milliseconds. */
const AGE_WINDOW_MS = 60_000;

export interface QueueMetrics {
  /** A message was received, this long after it was sent, in seconds. */
  messageReceived(ageSeconds: number): void;
}

/** Gauges of the worker's queue. The queue is asked when somebody scrapes, and only then. */
export function createQueueMetrics(registry: Registry, source: QueueSource): QueueMetrics {
  const registers = [registry];
  const ages = createRecentMax(AGE_WINDOW_MS);
  let lastPoll = Number.NEGATIVE_INFINITY;
  let known: Promise<QueueDepths | null> = Promise.resolve(null);

  function poll(): Promise<QueueDepths | null> {
    if (performance.now() - lastPoll < MIN_POLL_INTERVAL_MS) return known;
    lastPoll = performance.now();
    known = source.depths().catch((error: unknown) => {
      source.logger.warn({ err: error }, 'queue.depth_unknown');
      return null;
    });
    return known;
  }

  new Gauge({
    name: 'media_messages_in_work',
    help: 'Messages that this worker is handling.',
    registers,
    collect() {
      this.set(source.inWork());
    },
  });
  new Gauge({
    name: 'media_queue_oldest_message_age_seconds',
    help: 'Greatest age on receipt of the messages of the last one to two minutes; 0 for none.',
    registers,
    collect() {
      this.set(ages.read());
    },
  });
  new Gauge({
    name: 'media_queue_messages',
    help: 'Approximate number of messages, as SQS tells; absent while it does not.',
    labelNames: ['queue', 'state'],
    registers,
    async collect() {
      const depths = await poll();
      // An old number would hide an outage, so there is none.
      this.reset();
      for (const [queue, depth] of Object.entries(depths ?? {})) {
        this.set({ queue, state: 'visible' }, depth.visible);
        this.set({ queue, state: 'in_flight' }, depth.inFlight);
        this.set({ queue, state: 'delayed' }, depth.delayed);
      }
    },
  });

  return { messageReceived: (ageSeconds) => ages.record(ageSeconds) };
}
