import { expect, test } from '@jest/globals';
import { createTwoGenerations } from '../../../src/shared/two-generations.ts';

function filled(count: number) {
  const map = createTwoGenerations<number>(100);
  for (let n = 0; n < count; n += 1) map.set(`${n}`, n);
  return map;
}

test.each([100, 101, 149, 150, 151, 1_000])(
  'of %d the last fifty are there, and a hundred at most',
  (count) => {
    const map = filled(count);
    const there = Array.from({ length: count }, (_, n) => count - 1 - n).filter(
      (n) => map.get(`${n}`) === n,
    );
    expect(there.slice(0, 50)).toEqual(Array.from({ length: 50 }, (_, n) => count - 1 - n));
    expect(there.length).toBeLessThanOrEqual(100);
  },
);

test('what is asked for again and again stays', () => {
  const map = filled(1);
  for (let n = 1; n < 1_000; n += 1) {
    map.set(`${n}`, n);
    if (n % 40 === 0) expect(map.get('0')).toBe(0);
  }
});

test('the same name again takes no room', () => {
  const map = filled(100);
  map.set('99', -1);
  expect(map.get('49')).toBe(49);
  expect(map.get('99')).toBe(-1);
});

test('what was not used between two turns is forgotten, what was used is not', () => {
  const map = filled(2);
  map.turn();
  expect(map.get('1')).toBe(1);
  map.turn();
  expect(map.get('0')).toBeUndefined();
  expect(map.get('1')).toBe(1);
});

test('what is deleted is gone from both generations', () => {
  const map = filled(1);
  map.turn();
  map.get('0');
  map.delete('0');
  expect(map.get('0')).toBeUndefined();
});
