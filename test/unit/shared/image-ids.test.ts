import { afterEach, expect, jest, test } from '@jest/globals';
import { isImageId } from '../../../src/domain/image-id.ts';
import { createdAtOf, newImageId } from '../../../src/shared/image-ids.ts';

afterEach(() => {
  jest.restoreAllMocks();
});

test('new ids are ULIDs of this moment, and no two are the same', () => {
  const now = Date.parse('2026-02-22T10:05:00.123Z');
  jest.spyOn(Date, 'now').mockReturnValue(now);
  const ids = Array.from({ length: 2_000 }, newImageId);
  for (const id of ids) {
    expect(isImageId(id)).toBe(true);
    expect(createdAtOf(id)).toEqual(new Date(now));
  }
  expect(new Set(ids).size).toBe(ids.length);
});

test('every place of the random part takes every character', () => {
  const ids = Array.from({ length: 2_000 }, newImageId);
  for (let place = 10; place < 26; place += 1) {
    expect(new Set(ids.map((id) => id[place])).size).toBe(32);
  }
});
