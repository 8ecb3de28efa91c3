import { expect, test } from '@jest/globals';
import { keepIntents } from '../../../src/features/audit/keep-intents.ts';
import type { AuditChange } from '../../../src/features/audit/model.ts';

const change = (key: string): AuditChange => ({ key, from: 'a', to: 'b' });

/** Stores when told to. */
function slowStore() {
  const calls: { keys: string[]; end: PromiseWithResolvers<void> }[] = [];
  const store = (changes: readonly AuditChange[]) => {
    const end = Promise.withResolvers<void>();
    calls.push({ keys: changes.map(({ key }) => key), end });
    return end.promise;
  };
  return { calls, store };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('those that come while others are being stored are stored together, after them', async () => {
  const { calls, store } = slowStore();
  const intents = keepIntents(store, []);
  const done: string[] = [];
  const add = (key: string) => intents.add(change(key)).then(() => done.push(key));
  const first = [add('1'), add('2')];
  await turn();
  const second = [add('3'), add('4')];
  await turn();
  expect(calls.map(({ keys }) => keys)).toEqual([['1', '2']]);
  expect(done).toEqual([]);
  calls[0]?.end.resolve();
  await Promise.all(first);
  await turn();
  expect(calls.map(({ keys }) => keys)).toEqual([
    ['1', '2'],
    ['3', '4'],
  ]);
  expect(done).toEqual(['1', '2']);
  calls[1]?.end.resolve();
  await Promise.all(second);
});

test('a failure is told to those that it concerns, and the next ones are stored', async () => {
  const { calls, store } = slowStore();
  const intents = keepIntents(store, []);
  const failing = intents.add(change('1'));
  await turn();
  const next = intents.add(change('2'));
  calls[0]?.end.reject(new Error('the database is away'));
  await expect(failing).rejects.toThrow('the database is away');
  await turn();
  calls[1]?.end.resolve();
  await next;
  expect(calls.map(({ keys }) => keys)).toEqual([['1'], ['2']]);
});

test('the earlier ones are found by their keys', () => {
  const { earlier } = keepIntents(async () => {}, [change('x')]);
  expect(earlier.get('x')).toEqual(change('x'));
  expect(earlier.get('y')).toBeUndefined();
});
