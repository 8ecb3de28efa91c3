import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { collect } from '../../../src/features/dead-letters/collect.ts';
import type { DeadLetter } from '../../../src/shared/dead-letter.ts';

const RECEIVE_MS = 100;

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

/** Collects from a queue of `total` letters that hands out ten in a tenth of a second. */
function collectFrom(total: number, expected: number | null) {
  let given = 0;
  const receive = async (max: number) => {
    jest.setSystemTime(Date.now() + RECEIVE_MS);
    const count = Math.min(max, total - given);
    given += count;
    return Array.from({ length: count }, (_, index) => deadLetter(`${given - index}`));
  };
  const { signal } = new AbortController();
  return collect({ hold: { receive }, expected, signal, onProgress() {} }, {});
}

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('reads on where SQS counted too few', async () => {
  const { letters, moreLeft } = await collectFrom(200, 20);
  expect({ read: letters.length, moreLeft }).toEqual({ read: 200, moreLeft: false });
});

test('does not read for ever where messages keep arriving', async () => {
  const { letters, moreLeft } = await collectFrom(Number.POSITIVE_INFINITY, 100);
  expect(moreLeft).toBe(true);
  // A hundred, then five seconds of receives, and the one that is over the time.
  expect(letters).toHaveLength(100 + 51 * 10);
});

test('holds no more than can be renewed in time', async () => {
  const { letters, moreLeft } = await collectFrom(Number.POSITIVE_INFINITY, null);
  expect({ read: letters.length, moreLeft }).toEqual({ read: 20_000, moreLeft: true });
});
