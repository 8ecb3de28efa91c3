import { beforeEach, describe, expect, jest, test } from '@jest/globals';

/** The waits that were asked for, in milliseconds; the clock itself is not what is tested. */
const waits: number[] = [];
/** Whether waits last until they are aborted, or end at once. */
let endless = false;
const ENDLESS_MS = 2 ** 30;
const timers = await import('node:timers/promises');
jest.unstable_mockModule('node:timers/promises', () => ({
  ...timers,
  setTimeout: (ms: number, value: unknown, options: object) => {
    waits.push(ms);
    return timers.setTimeout(endless ? ENDLESS_MS : 0, value, { ...options, ref: !endless });
  },
}));
const { createBackoff } = await import('../../../src/shared/backoff.ts');

describe('backoff', () => {
  beforeEach(() => {
    waits.length = 0;
    endless = false;
  });

  async function waitAfter(failures: number): Promise<number | undefined> {
    const backoff = createBackoff(new AbortController().signal);
    for (let index = 0; index < failures; index += 1) backoff.failed();
    expect(backoff.failures).toBe(failures);
    await backoff.wait();
    return waits.pop();
  }

  test('without a failure there is no wait', async () => {
    expect(await waitAfter(0)).toBeUndefined();
  });

  test.each([
    [1, 250],
    [2, 500],
    [3, 1000],
    [6, 8000],
    [7, 15_000],
    [8, 15_000],
    [5000, 15_000],
  ])('after %i failures in a row: up to %i ms, at least half of it', async (failures, longest) => {
    for (let run = 0; run < 20; run += 1) {
      const wait = await waitAfter(failures);
      expect(wait).toBeGreaterThanOrEqual(longest / 2);
      expect(wait).toBeLessThanOrEqual(longest);
    }
  });

  test('not everybody waits equally long', async () => {
    const some = [await waitAfter(7), await waitAfter(7), await waitAfter(7), await waitAfter(7)];
    expect(new Set(some).size).toBeGreaterThan(1);
  });

  test('a success starts over', async () => {
    const backoff = createBackoff(new AbortController().signal);
    for (let index = 0; index < 9; index += 1) backoff.failed();
    backoff.succeeded();
    expect(backoff.failures).toBe(0);
    await backoff.wait();
    expect(waits).toEqual([]);
    backoff.failed();
    await backoff.wait();
    expect(waits[0]).toBeLessThanOrEqual(250);
  });

  test('an abort ends the wait that goes on, and every later one', async () => {
    endless = true;
    const stopping = new AbortController();
    const backoff = createBackoff(stopping.signal);
    backoff.failed();
    const waiting = backoff.wait();
    stopping.abort();
    await waiting;
    await backoff.wait();
    expect(waits).toHaveLength(2);
  });
});
