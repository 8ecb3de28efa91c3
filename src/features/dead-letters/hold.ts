import type { DeadLetter } from '../../shared/dead-letter.ts';
import { type DeadLetterQueue, HIDDEN_SECS, LARGEST_BATCH } from '../../shared/dead-letters.ts';
import { forEachParallel } from '../../shared/for-each-parallel.ts';

/** A letter is renewed when less time than this is left of its being hidden. */
const RENEW_BEFORE_MS = (HIDDEN_SECS * 1000) / 2;
const CHECK_EVERY_MS = 2_000;
const PARALLEL_REQUESTS = 5;

/**
 * The letters that this process has received. SQS cannot show a message without hiding it from
 * everybody else for a while: short, so that a killed process does no harm, and renewed here for
 * as long as the work takes, so that no letter comes round again in the middle of it.
 */
export interface Hold {
  readonly size: number;
  /** Receives up to `max` (at most 10) letters; SQS may give one that was received before. */
  receive(max: number): Promise<DeadLetter[]>;
  /** The receipt handle of a letter that is surely still ours. Throws when it is not. */
  claim(letter: DeadLetter): Promise<string>;
  /** To be called when a letter is deleted. */
  forget(letter: DeadLetter): void;
  /** Gives all letters back. Does not throw: what cannot be given back comes back by itself. */
  end(): Promise<void>;
}

interface Held {
  receiptHandle: string;
  /** By this machine's clock, which goes on while the process or the machine sleeps. */
  untilMs: number;
}

export function createHold(queue: Pick<DeadLetterQueue, 'receive' | 'renew' | 'giveBack'>): Hold {
  const held = new Map<string, Held>();
  let renewing: Promise<void> | undefined;

  function hide(id: string, receiptHandle: string, askedAtMs: number): void {
    held.set(id, { receiptHandle, untilMs: askedAtMs + HIDDEN_SECS * 1000 });
  }

  /** Resolves when SQS has answered; those that it refuses are ours no longer. */
  async function renew(letters: [string, Held][]): Promise<void> {
    const askedAtMs = Date.now();
    const refused = await queue.renew(letters.map(([, { receiptHandle }]) => receiptHandle));
    for (const [id, { receiptHandle }] of letters) {
      // Deleted or received anew while SQS was asked.
      if (held.get(id)?.receiptHandle !== receiptHandle) continue;
      if (refused.has(receiptHandle)) held.delete(id);
      else hide(id, receiptHandle, askedAtMs);
    }
  }

  async function renewDue(): Promise<void> {
    const due = [...held].filter(([, { untilMs }]) => untilMs - Date.now() < RENEW_BEFORE_MS);
    // An error will do until the next check, half a minute of them until a claim fails.
    await forEachParallel(batches(due), { limit: PARALLEL_REQUESTS }, (batch) =>
      renew(batch).catch(() => {}),
    );
  }

  const timer = setInterval(() => {
    renewing ??= renewDue().finally(() => {
      renewing = undefined;
    });
  }, CHECK_EVERY_MS);

  return {
    get size() {
      return held.size;
    },

    async receive(max) {
      const askedAtMs = Date.now();
      const received = await queue.receive(max);
      // Of several handles of a message only the newest is good.
      for (const { letter, receiptHandle } of received) hide(letter.id, receiptHandle, askedAtMs);
      return received.map(({ letter }) => letter);
    },

    async claim({ id }) {
      const letter = held.get(id);
      if (letter && letter.untilMs - Date.now() < RENEW_BEFORE_MS) await renew([[id, letter]]);
      const current = held.get(id);
      if (!current) throw new Error('somebody else may have received it meanwhile; try again');
      return current.receiptHandle;
    },

    forget({ id }) {
      held.delete(id);
    },

    async end() {
      clearInterval(timer);
      // A renewal that arrives after the giving back would hide the letters again.
      await renewing;
      const handles = [...held.values()].map(({ receiptHandle }) => receiptHandle);
      held.clear();
      await forEachParallel(batches(handles), { limit: PARALLEL_REQUESTS }, (batch) =>
        queue.giveBack(batch).catch(() => {}),
      );
    },
  };
}

function batches<T>(items: T[]): T[][] {
  const count = Math.ceil(items.length / LARGEST_BATCH);
  return Array.from({ length: count }, (_, index) =>
    items.slice(index * LARGEST_BATCH, (index + 1) * LARGEST_BATCH),
  );
}
