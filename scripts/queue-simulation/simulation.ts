import { type Burst, createArrivals } from './arrivals.ts';
import { createEventHeap } from './event-heap.ts';
import { createFifo } from './fifo.ts';
import { createRandom } from './random.ts';
import { createService, type Kind, type Spread } from './service.ts';
import { createWaits, type SimulationResult } from './tally.ts';
import { createPollers, type Poller, takeCore } from './worker.ts';

export interface SimulationOptions {
  seconds: number;
  arrivalsPerSecond: number;
  burst: Burst | null;
  workers: number;
  /** Messages at a time, of a worker. */
  concurrency: number;
  /** Of a worker. */
  cores: number;
  kinds: readonly Kind[];
  spread: Spread;
  /** How long a message takes besides its CPU time: S3, database. Any number wait at a time. */
  ioSeconds: number;
  /** Of the receives, how many end with an error, 0-1: the message comes back after its delay. */
  failRate: number;
  /** Of the receives, how many nobody ever answers, 0-1: back after the visibility timeout. */
  lostRate: number;
  visibilitySeconds: number;
  /** How soon a message comes back after its first error, its second, ...; the last one goes on. */
  retryDelaysSeconds: readonly number[];
  /** After so many receives without success a message is dead. */
  maxReceives: number;
  seed: number;
}

export interface Simulation {
  /** Goes on for up to so many events; tells whether there are more. */
  advance(events: number): boolean;
  /** How it is at this point; of the whole when there are no more events. */
  result(): SimulationResult;
}

interface Message {
  sentAt: number;
  receives: number;
}

/** A poller is done with a message; without poller: the message comes back into the queue. */
interface Event {
  at: number;
  message: Message;
  poller: Poller | null;
}

/**
 * A standard queue of SQS, in order, and workers that empty it: a discrete-event simulation. A worker's
 * pollers receive up to ten messages and wait for the slowest; its messages queue for its cores. A
 * receive takes no time. The same options, seed included, give the same result on every machine.
 */
export function createSimulation(options: SimulationOptions): Simulation {
  const { seconds, burst, ioSeconds, failRate, lostRate, maxReceives, seed } = options;
  // Streams of their own: whatever the number of workers, the same messages arrive at the same times.
  const chance = createRandom(seed + 2);
  const drawCpuSeconds = createService(options.kinds, options.spread, createRandom(seed + 1));
  const nextArrival = createArrivals(options.arrivalsPerSecond, burst, createRandom(seed));

  const queue = createFifo<Message>();
  const idle = createFifo<Poller>();
  for (const poller of createPollers(options)) idle.push(poller);
  const events = createEventHeap<Event>();
  const waits = createWaits();
  const counts = { arrivals: 0, done: 0, dead: 0, redelivered: 0, inWork: 0, returning: 0 };
  const most = { backlog: 0, inFlight: 0, ageSeconds: 0 };
  let busySeconds = 0;
  let drainedAt: number | null = null;
  let now = 0;
  let arrivesAt = nextArrival();

  function receive(poller: Poller): void {
    while (poller.inWork < poller.batchSize) {
      const message = queue.shift();
      if (message === undefined) break;
      poller.inWork += 1;
      counts.inWork += 1;
      message.receives += 1;
      if (message.receives === 1) waits.add(now - message.sentAt);
      else counts.redelivered += 1;
      const work = { readyAt: now + ioSeconds, seconds: drawCpuSeconds() };
      const { from, to } = takeCore(poller, work);
      busySeconds += Math.min(to, seconds) - Math.min(from, seconds);
      events.push({ at: to, message, poller });
    }
    most.inFlight = Math.max(most.inFlight, counts.inWork + counts.returning);
    if (poller.inWork === 0) idle.push(poller);
  }

  function enqueue(message: Message): void {
    queue.push(message);
    const poller = idle.shift();
    if (poller !== undefined) receive(poller);
    most.backlog = Math.max(most.backlog, queue.size);
  }

  function finish(message: Message, poller: Poller): void {
    poller.inWork -= 1;
    counts.inWork -= 1;
    const luck = chance();
    if (luck >= failRate + lostRate) leave(message, 'done');
    else if (message.receives >= maxReceives) leave(message, 'dead');
    else comeBack(message, luck < lostRate);
    if (poller.inWork === 0) receive(poller);
  }

  function leave(message: Message, how: 'done' | 'dead'): void {
    counts[how] += 1;
    most.ageSeconds = Math.max(most.ageSeconds, now - message.sentAt);
  }

  function comeBack(message: Message, isLost: boolean): void {
    const delays = options.retryDelaysSeconds;
    const delay = delays[message.receives - 1] ?? delays.at(-1) ?? 0;
    counts.returning += 1;
    const at = now + (isLost ? options.visibilitySeconds : delay);
    events.push({ at, message, poller: null });
  }

  /** One event; false when the next one is after the end. */
  function step(): boolean {
    const next = events.peek();
    const at = Math.min(arrivesAt, next?.at ?? Infinity);
    // Nothing has changed since the last event.
    if (burst !== null && drainedAt === null && queue.size === 0) {
      const until = Math.min(at, seconds);
      if (until > burst.endsAtSeconds) drainedAt = Math.max(now, burst.endsAtSeconds);
    }
    if (at > seconds) {
      now = seconds;
      return false;
    }
    now = at;
    if (next === undefined || arrivesAt < next.at) {
      counts.arrivals += 1;
      arrivesAt = nextArrival();
      enqueue({ sentAt: now, receives: 0 });
      return true;
    }
    events.pop();
    if (next.poller !== null) finish(next.message, next.poller);
    else {
      counts.returning -= 1;
      enqueue(next.message);
    }
    return true;
  }

  return {
    advance(limit) {
      for (let count = 0; count < limit; count += 1) {
        if (!step()) return false;
      }
      return true;
    },

    result() {
      const waiting = queue.rest();
      const left = [...waiting, ...events.rest().map(({ message }) => message)];
      const ages = left.map(({ sentAt }) => now - sentAt);
      const neverReceived = waiting.filter(({ receives }) => receives === 0);
      const coreSeconds = options.workers * options.cores * now;
      return {
        workers: options.workers,
        arrivals: counts.arrivals,
        done: counts.done,
        dead: counts.dead,
        left: { waiting: queue.size, inWork: counts.inWork, returning: counts.returning },
        redelivered: counts.redelivered,
        wait: waits.summary(neverReceived.map(({ sentAt }) => now - sentAt)),
        oldestSeconds: ages.reduce((most, age) => Math.max(most, age), most.ageSeconds),
        maxBacklog: most.backlog,
        maxInFlight: most.inFlight,
        drainSeconds: burst === null || drainedAt === null ? null : drainedAt - burst.endsAtSeconds,
        utilisation: coreSeconds === 0 ? 0 : busySeconds / coreSeconds,
      };
    },
  };
}
