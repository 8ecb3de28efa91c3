import { describe, expect, test } from '@jest/globals';
import { inOrder } from '../../../src/features/audit/in-order.ts';

const items = Array.from({ length: 10 }, (_, index) => index);
const never = new AbortController().signal;

describe('work in order', () => {
  test('has the outcomes in the order of the items, whichever is done first', async () => {
    const gates = items.map(() => Promise.withResolvers<void>());
    const begun: number[] = [];
    const all = inOrder(items, { concurrency: 4, signal: never }, async (item) => {
      begun.push(item);
      await gates[item]?.promise;
      return item * 2;
    });
    expect(begun).toEqual([0, 1, 2, 3]);
    for (const gate of gates.toReversed()) gate.resolve();
    expect(await all).toEqual(items.map((item) => item * 2));
  });

  test('rejects when nothing is in work any more, and begins nothing after a failure', async () => {
    const gate = Promise.withResolvers<void>();
    const events: string[] = [];
    const all = inOrder(items, { concurrency: 2, signal: never }, async (item) => {
      events.push(`begin ${item}`);
      if (item === 1) throw new Error('no');
      await gate.promise;
      events.push(`end ${item}`);
    }).catch((error: Error) => events.push(error.message));
    gate.resolve();
    await all;
    expect(events).toEqual(['begin 0', 'begin 1', 'end 0', 'no']);
  });

  test('ends on abort before the first gap', async () => {
    const controller = new AbortController();
    const gates = items.map(() => Promise.withResolvers<void>());
    const all = inOrder(items, { concurrency: 5, signal: controller.signal }, async (item) => {
      await gates[item]?.promise;
      return item;
    });
    controller.abort();
    gates[2]?.reject(new Error('given up'));
    for (const gate of gates) gate.resolve();
    expect(await all).toEqual([0, 1]);
  });
});
