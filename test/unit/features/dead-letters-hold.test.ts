import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createHold, type Hold } from '../../../src/features/dead-letters/hold.ts';
import type { DeadLetter } from '../../../src/shared/dead-letter.ts';
import type { DeadLetterQueue, ReceivedLetter } from '../../../src/shared/dead-letters.ts';

/** A queue that hides letters as SQS does, on the fake clock. */
function fakeQueue(ids: string[]) {
  const letters = ids.map((id) => ({ id, visibleAtMs: 0, handle: '', deleted: false }));
  const calls: string[] = [];
  let handles = 0;
  let answer: () => Promise<void> = async () => {};

  async function hide(receiptHandles: string[], seconds: number): Promise<Set<string>> {
    await answer();
    const refused = new Set<string>();
    for (const handle of receiptHandles) {
      const letter = letters.find((candidate) => candidate.handle === handle);
      if (letter && letter.visibleAtMs > Date.now()) {
        letter.visibleAtMs = Date.now() + seconds * 1000;
      } else refused.add(handle);
    }
    return refused;
  }

  const queue: Pick<DeadLetterQueue, 'receive' | 'renew' | 'giveBack'> = {
    async receive(max) {
      const visible = letters.filter(({ visibleAtMs }) => visibleAtMs <= Date.now());
      return visible.slice(0, max).map((letter): ReceivedLetter => {
        handles += 1;
        letter.handle = `handle-${handles}`;
        letter.visibleAtMs = Date.now() + 30_000;
        return { letter: deadLetter(letter.id), receiptHandle: letter.handle };
      });
    },
    async renew(receiptHandles) {
      calls.push('renew');
      return hide(receiptHandles, 30);
    },
    async giveBack(receiptHandles) {
      calls.push('giveBack');
      await hide(receiptHandles, 0);
    },
  };
  return {
    queue,
    calls,
    visible: () => letters.filter(({ visibleAtMs }) => visibleAtMs <= Date.now()).length,
    /** Every answer waits for this from now on. */
    answerAfter(wait: () => Promise<void>) {
      answer = wait;
    },
  };
}

function deadLetter(id: string): DeadLetter {
  return {
    id,
    sentAt: null,
    receiveCount: 1,
    reason: null,
    logMessageId: id,
    body: '',
    attributes: {},
    systemAttributes: {},
  };
}

let hold: Hold | undefined;

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(async () => {
  await hold?.end();
  jest.useRealTimers();
});

test('letters stay hidden for as long as the work takes, and not a moment longer', async () => {
  const { queue, visible } = fakeQueue(['a', 'b', 'c']);
  hold = createHold(queue);
  expect(await hold.receive(10)).toHaveLength(3);
  for (let second = 0; second < 300; second += 1) {
    await jest.advanceTimersByTimeAsync(1_000);
    expect(visible()).toBe(0);
  }
  await hold.end();
  expect(visible()).toBe(3);
});

test('a letter that came back while the process slept is not acted on', async () => {
  const { queue } = fakeQueue(['a']);
  hold = createHold(queue);
  const [letter = deadLetter('')] = await hold.receive(10);
  expect(await hold.claim(letter)).toBe('handle-1');
  // Suspended: time passes, timers do not run.
  jest.setSystemTime(Date.now() + 60_000);
  await expect(hold.claim(letter)).rejects.toThrow(/somebody else/);
});

test('a letter that is received again is claimed with its newest handle', async () => {
  const { queue } = fakeQueue(['a']);
  hold = createHold(queue);
  const [letter = deadLetter('')] = await hold.receive(10);
  jest.setSystemTime(Date.now() + 60_000);
  await hold.receive(10);
  expect(await hold.claim(letter)).toBe('handle-2');
  expect(hold.size).toBe(1);
});

test('an error while renewing is not the end of it', async () => {
  const fake = fakeQueue(['a']);
  hold = createHold(fake.queue);
  await hold.receive(10);
  let failures = 3;
  fake.answerAfter(async () => {
    failures -= 1;
    if (failures >= 0) throw new Error('throttled');
  });
  await jest.advanceTimersByTimeAsync(120_000);
  expect(failures).toBeLessThan(0);
  expect(fake.visible()).toBe(0);
});

test('nothing is given back before a renewal under way is over, or it would hide it again', async () => {
  const fake = fakeQueue(['a']);
  hold = createHold(fake.queue);
  await hold.receive(10);
  const { promise, resolve } = Promise.withResolvers<void>();
  fake.answerAfter(() => promise);
  await jest.advanceTimersByTimeAsync(20_000);
  expect(fake.calls).toEqual(['renew']);
  const ended = hold.end();
  await jest.advanceTimersByTimeAsync(1_000);
  expect(fake.calls).toEqual(['renew']);
  resolve();
  await ended;
  expect(fake.calls).toEqual(['renew', 'giveBack']);
  expect(fake.visible()).toBe(1);
});
