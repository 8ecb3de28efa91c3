import { expect, test } from '@jest/globals';
import {
  extendTo,
  keepOnly,
  NOTHING_SELECTED,
  toggle,
} from '../../../src/gallery-ui/view/selection.ts';

const ORDER = ['a', 'b', 'c', 'd', 'e'];
const all = () => true;

test('a tile is picked and dropped', () => {
  const picked = toggle(NOTHING_SELECTED, 'b');
  expect([...picked.keys]).toEqual(['b']);
  expect([...toggle(picked, 'b').keys]).toEqual([]);
  expect(NOTHING_SELECTED.keys.size).toBe(0);
});

test('a range goes from the last one picked, in either direction, and adds', () => {
  const picked = toggle(toggle(NOTHING_SELECTED, 'a'), 'd');
  expect([...extendTo(picked, ORDER, 'e', all).keys].sort()).toEqual(['a', 'd', 'e']);
  expect([...extendTo(picked, ORDER, 'b', all).keys].sort()).toEqual(['a', 'b', 'c', 'd']);
});

test('a second range goes from the same tile as the first', () => {
  const first = extendTo(toggle(NOTHING_SELECTED, 'b'), ORDER, 'c', all);
  expect([...extendTo(first, ORDER, 'a', all).keys].sort()).toEqual(['a', 'b', 'c']);
});

test('what cannot be selected is left out of a range', () => {
  const picked = extendTo(toggle(NOTHING_SELECTED, 'a'), ORDER, 'd', (key) => key !== 'b');
  expect([...picked.keys].sort()).toEqual(['a', 'c', 'd']);
});

test('without a start, or with one that is gone, a range is the one tile', () => {
  expect([...extendTo(NOTHING_SELECTED, ORDER, 'c', all).keys]).toEqual(['c']);
  const gone = { keys: new Set<string>(), anchor: 'x' };
  expect([...extendTo(gone, ORDER, 'c', all).keys]).toEqual(['c']);
});

test('those that are gone are not selected any more', () => {
  const picked = toggle(toggle(NOTHING_SELECTED, 'a'), 'b');
  expect([...keepOnly(picked, (key) => key === 'b').keys]).toEqual(['b']);
  expect(keepOnly(picked, all)).toBe(picked);
});
