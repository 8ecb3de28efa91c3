import { expect, test } from '@jest/globals';
import { makeCursors } from '../../../src/domain/cursors.ts';
import { type ImageId, isImageId } from '../../../src/domain/image-id.ts';
import { parsePageArguments } from '../../../src/domain/page.ts';

const cursors = makeCursors('test-1:', isImageId);
const RULES = { standard: 50, max: 100, cursors };
const A = '01ARZ3NDEKTSV4RRFFQ69G5FAV' as ImageId;
const B = '01BX5ZZKBKACTAV9WEVGEMMVRZ' as ImageId;

test.each([
  ['nothing', {}, { limit: 50, take: 'first', after: null, before: null }],
  ['nulls', { first: null, last: null }, { limit: 50, take: 'first', after: null, before: null }],
  ['first', { first: 1 }, { limit: 1, take: 'first', after: null, before: null }],
  [
    'first and after',
    { first: 100, after: cursors.encode(A) },
    { limit: 100, take: 'first', after: A, before: null },
  ],
  [
    'last and before',
    { last: 7, before: cursors.encode(B) },
    { limit: 7, take: 'last', after: null, before: B },
  ],
  [
    'a range',
    { after: cursors.encode(A), before: cursors.encode(B) },
    { limit: 50, take: 'first', after: A, before: B },
  ],
])('%s', (_what, page, expected) => {
  expect(parsePageArguments(page, RULES)).toEqual(expected);
});

test.each([
  [{ first: 1, last: 1 }, 'last', 'first and last cannot be given together'],
  [{ first: 0 }, 'first', 'first must be a whole number from 1 to 100'],
  [{ first: 101 }, 'first', 'first must be a whole number from 1 to 100'],
  [{ first: 1.5 }, 'first', 'first must be a whole number from 1 to 100'],
  [{ first: Number.NaN }, 'first', 'first must be a whole number from 1 to 100'],
  [{ last: -1 }, 'last', 'last must be a whole number from 1 to 100'],
  [
    { after: '' },
    'after',
    'after must be a cursor as it came with an edge or as start or end of a page',
  ],
  [
    { after: A },
    'after',
    'after must be a cursor as it came with an edge or as start or end of a page',
  ],
  [
    { after: `${cursors.encode(A)}=` },
    'after',
    'after must be a cursor as it came with an edge or as start or end of a page',
  ],
  [
    { before: btoa('test-1:x') },
    'before',
    'before must be a cursor as it came with an edge or as start or end of a page',
  ],
  [
    { before: 'a' },
    'before',
    'before must be a cursor as it came with an edge or as start or end of a page',
  ],
  [
    { after: makeCursors('other-1:', isImageId).encode(A) },
    'after',
    'after must be a cursor as it came with an edge or as start or end of a page',
  ],
])('%j is refused', (page, field, message) => {
  const code = message.includes('cursor') ? 'INVALID_CURSOR' : 'INVALID_PAGE_ARGUMENTS';
  expect(() => parsePageArguments(page, RULES)).toThrow(
    expect.objectContaining({ code, message, field }),
  );
});
