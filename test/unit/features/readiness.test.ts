import { expect, jest, test } from '@jest/globals';
import { makeCheckReadiness } from '../../../src/features/health/readiness.ts';

const up = () => Promise.resolve();
const down = () => Promise.reject(new Error('connection refused'));
const silent = () => new Promise<void>(() => {});

test.each([
  ['nothing is needed', {}, []],
  ['all answer', { database: up, queue: up }, []],
  ['one is away', { database: down, queue: up }, ['database']],
  ['all are away', { database: down, queue: down }, ['database', 'queue']],
])('%s', async (_what, probes, names) => {
  expect(await makeCheckReadiness(probes)()).toEqual({ down: names });
});

test('what does not answer in two seconds is down', async () => {
  jest.useFakeTimers();
  try {
    const checking = makeCheckReadiness({ silent, database: up })();
    await jest.advanceTimersByTimeAsync(1_999);
    const settled = jest.fn();
    void checking.then(settled);
    await jest.advanceTimersByTimeAsync(0);
    expect(settled).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(1);
    expect(await checking).toEqual({ down: ['silent'] });
    expect(jest.getTimerCount()).toBe(0);
  } finally {
    jest.useRealTimers();
  }
});

test('asks all at once, and anew each time', async () => {
  let asked = 0;
  const { promise: both, resolve } = Promise.withResolvers<void>();
  const probe = () => {
    asked += 1;
    if (asked === 2) resolve();
    return both;
  };
  const check = makeCheckReadiness({ a: probe, b: probe });
  expect(await check()).toEqual({ down: [] });
  await check();
  expect(asked).toBe(4);
});
