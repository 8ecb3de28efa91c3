import { expect, test } from '@jest/globals';
import { coverKeys } from '../../../src/domain/key-prefixes.ts';

test.each<[string, string[], number, string[]]>([
  ['nothing', [], 3, []],
  ['one key', ['a/b'], 3, ['a/b']],
  ['few enough keys', ['b', 'a', 'b'], 2, ['a', 'b']],
  ['neighbours', ['a/1', 'a/2', 'a/3'], 1, ['a/']],
  [
    'what has least in common apart',
    ['a/x1', 'a/x2', 'a/y', 'b/1', 'b/2'],
    3,
    ['a/x', 'a/y', 'b/'],
  ],
  ['a key that begins another', ['a', 'a/b', 'a/c'], 2, ['a', 'a/']],
  ['nothing in common', ['a', 'b', 'c'], 1, ['']],
  ['whole characters', ['x\u{1f41e}', 'x\u{1f41f}'], 1, ['x']],
])('%s', (_what, keys, most, prefixes) => {
  expect(coverKeys(keys, most)).toEqual(prefixes);
  for (const key of keys) expect(prefixes.some((prefix) => key.startsWith(prefix))).toBe(true);
});
