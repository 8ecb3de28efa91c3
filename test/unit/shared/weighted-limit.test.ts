import { expect, test } from '@jest/globals';
import { createWeightedLimit } from '../../../src/shared/weighted-limit.ts';

/** Work that says when it starts and ends when told. */
function makeWork(started: string[], name: string) {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  return {
    run: () => {
      started.push(name);
      return promise;
    },
    finish: () => resolve(name),
    fail: () => reject(new Error(name)),
  };
}

/** Lets everything happen that can happen now. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

test('runs what fits side by side, the rest when there is room', async () => {
  const started: string[] = [];
  const limit = createWeightedLimit(10);
  const [a, b, c] = ['a', 'b', 'c'].map((name) => makeWork(started, name));
  if (!a || !b || !c) throw new Error('unreachable');
  const results = Promise.all([limit(6, a.run), limit(4, b.run), limit(1, c.run)]);
  await settled();
  expect(started).toEqual(['a', 'b']);
  b.finish();
  await settled();
  expect(started).toEqual(['a', 'b', 'c']);
  a.finish();
  c.finish();
  expect(await results).toEqual(['a', 'b', 'c']);
});

test('first come, first served: what is light does not pass what is heavy', async () => {
  const started: string[] = [];
  const limit = createWeightedLimit(10);
  const [a, heavy, light] = ['a', 'heavy', 'light'].map((name) => makeWork(started, name));
  if (!a || !heavy || !light) throw new Error('unreachable');
  const all = [limit(5, a.run), limit(6, heavy.run), limit(1, light.run)];
  await settled();
  expect(started).toEqual(['a']);
  a.finish();
  await settled();
  expect(started).toEqual(['a', 'heavy', 'light']);
  heavy.finish();
  light.finish();
  await Promise.all(all);
});

test('what is heavier than everything runs alone', async () => {
  const started: string[] = [];
  const limit = createWeightedLimit(10);
  const [vast, small] = ['vast', 'small'].map((name) => makeWork(started, name));
  if (!vast || !small) throw new Error('unreachable');
  const all = [limit(11, vast.run), limit(1, small.run)];
  await settled();
  expect(started).toEqual(['vast']);
  vast.finish();
  await settled();
  expect(started).toEqual(['vast', 'small']);
  small.finish();
  await Promise.all(all);
});

test('work that fails, or throws at once, makes room as well', async () => {
  const started: string[] = [];
  const limit = createWeightedLimit(1);
  const failing = makeWork(started, 'failing');
  const first = limit(1, failing.run);
  const second = limit(1, () => {
    throw new Error('at once');
  });
  const third = limit(1, async () => 'done');
  failing.fail();
  await expect(first).rejects.toThrow('failing');
  await expect(second).rejects.toThrow('at once');
  expect(await third).toBe('done');
});
