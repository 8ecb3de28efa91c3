import { describe, expect, test } from '@jest/globals';
import type { Bench, BenchRow } from '../../../bench/kit/bench.ts';
import { takeTurns } from '../../../bench/kit/rounds.ts';
import {
  compare,
  formatGoal,
  formatMet,
  formatNumber,
  formatRatio,
  isMet,
  median,
  tell,
} from '../../../bench/kit/rows.ts';
import { runBench } from '../../../bench/kit/run-benches.ts';

function row(ours: number, limit: number, goal: BenchRow['goal']): BenchRow {
  return compare({ what: 'this', unit: 'URLs per CPU second', ours, limit, goal });
}

test('the median is the middle, or between the two in the middle, of any order', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([10, 2, 4, 100])).toBe(7);
  expect(median([3])).toBe(3);
  expect(median([])).toBeNaN();
});

describe('a goal', () => {
  test('is for the ratio of ours to the limit, and met when it is just reached', () => {
    expect(row(90, 100, { atLeast: 0.9 })).toMatchObject({ ratio: 0.9 });
    expect(isMet(row(90, 100, { atLeast: 0.9 }))).toBe(true);
    expect(isMet(row(89, 100, { atLeast: 0.9 }))).toBe(false);
    expect(isMet(row(120, 100, { atMost: 1.2 }))).toBe(true);
    expect(isMet(row(121, 100, { atMost: 1.2 }))).toBe(false);
  });

  test('is for the number itself where there is no limit', () => {
    const requests = tell('requests an object', 'requests', 1);
    expect(isMet({ ...requests, goal: { atMost: 1 } })).toBe(true);
    expect(isMet({ ...requests, goal: { atMost: 0.9 } })).toBe(false);
  });

  test('may be missing: then nothing is met and nothing is missed', () => {
    expect(isMet(row(1, 100, null))).toBeNull();
    expect([formatMet(row(1, 100, null)), formatGoal(null)]).toEqual(['', '']);
  });

  test('is written as it is judged', () => {
    expect([formatGoal({ atLeast: 0.85 }), formatGoal({ atMost: 2 })]).toEqual(['≥ 0.85', '≤ 2']);
    expect(formatMet(row(90, 100, { atLeast: 0.9 }))).toBe('yes');
    expect(formatMet(row(80, 100, { atLeast: 0.9 }))).toBe('no');
  });
});

test('numbers have three digits that count, large ones all before the point', () => {
  const numbers = [0, 0.012345, 1.2345, 12.345, 123.45, 12345.6, 5_000_000];
  expect(numbers.map(formatNumber)).toEqual([
    ...['0', '0.0123', '1.23', '12.3', '123', '12,346', '5,000,000'],
  ]);
});

test('a ratio that misses its goal by a hair does not look as if it met it', () => {
  expect(formatRatio(row(0.12345, 1, null))).toBe('0.123');
  expect(formatRatio(row(1.2, 1, { atMost: 1.2 }))).toBe('1.20');
  expect(formatRatio(row(1.20041234, 1, { atMost: 1.2 }))).toBe('1.2004');
  expect(formatRatio(row(0.89991234, 1, { atLeast: 0.9 }))).toBe('0.8999');
  expect(formatRatio(row(1234.5, 1, null))).toBe('1235');
  expect(formatRatio(tell('this', 'ms', 3))).toBe('');
});

test('contestants take turns, in reverse in every other round, and the first round does not count', async () => {
  const order: string[] = [];
  const told: string[] = [];
  const contestant = (name: string) => async () => order.push(name);
  const contestants = { a: contestant('a'), b: contestant('b') };
  const samples = await takeTurns(contestants, { rounds: 2, progress: (text) => told.push(text) });
  expect(order.join('')).toBe('abbaab');
  expect(samples).toEqual({ a: [4, 5], b: [3, 6] });
  expect(told).toEqual(['warming up', 'round 1 of 2', 'round 2 of 2']);
});

describe('a bench that runs', () => {
  const controller = new AbortController();
  const options = {
    ...{ rounds: undefined, settings: {}, commit: null, progress() {} },
    signal: controller.signal,
  };
  const bench = (run: Bench['run']): Bench => ({ name: 'it', title: 'It', rounds: 3, run });

  test('has its own number of rounds unless another one is asked for', async () => {
    const echo = bench(async ({ rounds }) => ({ rows: [tell('rounds', 'rounds', rounds)] }));
    expect(await runBench(echo, options)).toMatchObject({ rounds: 3, rows: [{ ours: 3 }] });
    expect(await runBench(echo, { ...options, rounds: 9 })).toMatchObject({ rows: [{ ours: 9 }] });
  });

  test('fails with its reason, and with one for a number that is none', async () => {
    const failing = bench(() => Promise.reject(new Error(`no ${process.cwd()}/file`)));
    expect(await runBench(failing, options)).toMatchObject({ failure: 'no file', rows: [] });
    const measuringNothing = bench(async () => ({ rows: [row(1, 0, null)] }));
    expect(await runBench(measuringNothing, options)).toMatchObject({
      failure: expect.stringMatching(/rows\.0\.ratio/),
    });
  });

  test('ends at the next word that it says once it is interrupted', async () => {
    const reached: string[] = [];
    const long = bench(async ({ progress }) => {
      progress('first');
      reached.push('first');
      controller.abort();
      progress('second');
      reached.push('second');
      return { rows: [] };
    });
    await expect(runBench(long, options)).rejects.toThrow(/abort/);
    expect(reached).toEqual(['first']);
  });
});
