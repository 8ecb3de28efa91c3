import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { PendingEvent, StoredObject } from './object-version.ts';
import { type CreatedEvent, createdEventBody } from './s3-event.ts';
import type { Store } from './store.ts';

const FIRST_RETRY_MS = 200;
const MAX_RETRY_MS = 10_000;
/** Sends under way at once, for each notification. */
const PARALLEL = 10;
/** How long `close` waits for sends under way; what they carried is sent again at next start. */
const CLOSE_GRACE_MS = 1_000;

export interface NotificationTarget {
  readonly bucket: string;
  /** Of the keys it wants to hear about. */
  readonly prefix: string;
  /** Resolves when the queue has the message; a rejection is retried. */
  readonly send: (messageBody: string) => Promise<void>;
}

export interface EventDelivery {
  /** The events to store with a new object. */
  eventsFor(
    event: Omit<CreatedEvent, 'object' | 'configurationId'>,
  ): (object: StoredObject) => readonly PendingEvent[];
  /** Sends what is stored and not yet under way. */
  wake(): void;
  /** Resolves when no event waits. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

export interface EventDeliveryOptions {
  readonly store: Store;
  readonly targets: readonly NotificationTarget[];
  readonly onProblem: (error: unknown) => void;
}

/** Stays the same over restarts, so that stored events find their queue again. */
function targetId({ bucket, prefix }: NotificationTarget): string {
  return `${bucket}/${prefix}`;
}

/**
 * Delivers stored events at least once: an event leaves the store only after its queue has it.
 * @throws Error when two notifications have the same bucket and prefix
 */
export function createEventDelivery(options: EventDeliveryOptions): EventDelivery {
  const { store, onProblem } = options;
  const targets = new Map(options.targets.map((target) => [targetId(target), target]));
  if (targets.size !== options.targets.length) {
    throw new Error('Two notifications of the local S3 have the same bucket and prefix.');
  }
  const stop = new AbortController();
  const loops = new Map<string, Promise<void>>();
  let idleWaiters: (() => void)[] = [];

  const waitingFor = (id: string): PendingEvent[] =>
    store.pendingEvents().filter((event) => event.target === id);

  async function deliver(target: NotificationTarget, event: PendingEvent): Promise<void> {
    await target.send(event.body);
    if (!stop.signal.aborted) store.markDelivered(event.id);
  }

  /** Runs until nothing waits for this target. */
  async function run(id: string, target: NotificationTarget): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!stop.signal.aborted) {
      const batch = waitingFor(id).slice(0, PARALLEL);
      if (batch.length === 0) return;
      const outcomes = await Promise.allSettled(batch.map((event) => deliver(target, event)));
      const failure = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failure === undefined) {
        retryMs = FIRST_RETRY_MS;
        continue;
      }
      if (stop.signal.aborted) return;
      onProblem(failure.reason);
      await delay(retryMs, undefined, { signal: stop.signal }).catch(() => undefined);
      retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
    }
  }

  function wake(): void {
    if (stop.signal.aborted) return;
    for (const [id, target] of targets) {
      if (loops.has(id) || waitingFor(id).length === 0) continue;
      const loop = run(id, target)
        .catch(onProblem)
        .then(() => {
          loops.delete(id);
          // An event may have come in after the loop's last look.
          wake();
          settleIdle();
        });
      loops.set(id, loop);
    }
  }

  function settleIdle(): void {
    if (loops.size > 0) return;
    const waiters = idleWaiters;
    idleWaiters = [];
    for (const resolve of waiters) resolve();
  }

  return {
    eventsFor: (event) => (object) =>
      [...targets]
        .filter(([, { bucket, prefix }]) => bucket === event.bucket && event.key.startsWith(prefix))
        .map(([id]) => ({
          id: randomUUID(),
          target: id,
          body: createdEventBody({ ...event, object, configurationId: id }),
        })),
    wake,
    flush: () =>
      new Promise((resolve) => {
        idleWaiters.push(resolve);
        wake();
        settleIdle();
      }),
    close: async () => {
      stop.abort();
      const patience = new AbortController();
      await Promise.race([
        Promise.all(loops.values()),
        delay(CLOSE_GRACE_MS, undefined, { signal: patience.signal }).catch(() => undefined),
      ]);
      patience.abort();
    },
  };
}
