import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestApi, type TestApi } from '../support/api.ts';
import {
  fetchPage,
  fetchRefusal,
  type GalleryArguments,
  type GalleryFilter,
  idsOf,
} from '../support/gallery-query.ts';
import { storeImages } from '../support/gallery-rows.ts';

const DAY = 24 * 60 * 60 * 1000;
const CURSOR = cursorOf('01ARZ3NDEKTSV4RRFFQ69G5FAV');

function cursorOf(id: string, version = 'image-1:'): string {
  return Buffer.from(version + id).toString('base64url');
}

describe('the arguments of gallery', () => {
  let api: TestApi;
  let ids: string[];

  beforeAll(async () => {
    api = await startTestApi();
    const rows = Array.from({ length: 102 }, (_, n) => ({ createdAt: new Date((n + 1) * DAY) }));
    ids = (await storeImages(api.config.DATABASE_URL, rows)).reverse();
  });

  afterAll(() => api.close());

  test.each<[string, GalleryArguments, [number, number]]>([
    ['nothing', {}, [0, 50]],
    ['nulls', { first: null, after: null, last: null, before: null, filter: null }, [0, 50]],
    ['first 1', { first: 1 }, [0, 1]],
    ['first 100', { first: 100 }, [0, 100]],
    ['last 1', { last: 1 }, [101, 102]],
    ['last 100', { last: 100 }, [2, 102]],
    ['first, and last null', { first: 2, last: null }, [0, 2]],
    ['an empty filter', { first: 2, filter: {} }, [0, 2]],
    [
      'a filter of nulls',
      {
        first: 2,
        filter: {
          ...{ status: null, contentType: null, fileNameContains: null },
          ...{ createdAfter: null, createdBefore: null },
        },
      },
      [0, 2],
    ],
    ['the order NEWEST', { first: 2, order: 'NEWEST' }, [0, 2]],
    // An image that never was has a place, too: all others are older or newer.
    ['a cursor of no image, after', { first: 2, after: cursorOf('7'.repeat(26)) }, [0, 2]],
    ['a cursor of no image, before', { last: 2, before: cursorOf('0'.repeat(26)) }, [100, 102]],
  ])('%s: fine', async (_what, given, [start, end]) => {
    expect(idsOf(await fetchPage(api, given))).toEqual(ids.slice(start, end));
  });

  test.each<[string, GalleryFilter]>([
    [
      'after is before',
      { createdAfter: '2020-01-02T00:00:00Z', createdBefore: '1971-01-01T00:00:00Z' },
    ],
    [
      'both are the same',
      { createdAfter: '1970-02-02T00:00:00Z', createdBefore: '1970-02-02T00:00:00Z' },
    ],
    ['before the first millisecond there is', { createdBefore: '1969-12-31T00:00:00Z' }],
    ['in the far future', { createdAfter: '9999-12-31T23:59:59.999Z' }],
  ])('times between which nothing is are an empty page: %s', async (_what, filter) => {
    expect(await fetchPage(api, { filter })).toEqual({
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });

  test('a time before the first millisecond there is excludes nothing', async () => {
    const page = await fetchPage(api, {
      filter: { createdAfter: '0001-01-01T00:00:00Z' },
      last: 1,
    });
    expect(idsOf(page)).toEqual(ids.slice(-1));
  });

  const TYPES = 'image/jpeg, image/png, image/webp, image/avif, image/gif';
  const NOT_A_CURSOR = 'must be a cursor as it came with an edge or as start or end of a page';

  test.each<[string, object, string, string, string]>([
    [
      'first 0',
      { first: 0 },
      'INVALID_PAGE_ARGUMENTS',
      'first',
      'first must be a whole number from 1 to 100',
    ],
    [
      'first -1',
      { first: -1 },
      'INVALID_PAGE_ARGUMENTS',
      'first',
      'first must be a whole number from 1 to 100',
    ],
    [
      'first 101',
      { first: 101 },
      'INVALID_PAGE_ARGUMENTS',
      'first',
      'first must be a whole number from 1 to 100',
    ],
    [
      'last 0',
      { last: 0 },
      'INVALID_PAGE_ARGUMENTS',
      'last',
      'last must be a whole number from 1 to 100',
    ],
    [
      'last 101',
      { last: 101 },
      'INVALID_PAGE_ARGUMENTS',
      'last',
      'last must be a whole number from 1 to 100',
    ],
    [
      'first and last',
      { first: 1, last: 1 },
      'INVALID_PAGE_ARGUMENTS',
      'last',
      'first and last cannot be given together',
    ],
    ['an empty cursor', { after: '' }, 'INVALID_CURSOR', 'after', `after ${NOT_A_CURSOR}`],
    [
      'garbage before',
      { last: 1, before: '!' },
      'INVALID_CURSOR',
      'before',
      `before ${NOT_A_CURSOR}`,
    ],
    [
      'an id for a cursor',
      { after: '01ARZ3NDEKTSV4RRFFQ69G5FAV' },
      'INVALID_CURSOR',
      'after',
      `after ${NOT_A_CURSOR}`,
    ],
    [
      'a cursor with a tail',
      { after: `${CURSOR}A` },
      'INVALID_CURSOR',
      'after',
      `after ${NOT_A_CURSOR}`,
    ],
    [
      'a padded cursor',
      { after: `${CURSOR}=` },
      'INVALID_CURSOR',
      'after',
      `after ${NOT_A_CURSOR}`,
    ],
    [
      'a cursor in spaces',
      { after: ` ${CURSOR}` },
      'INVALID_CURSOR',
      'after',
      `after ${NOT_A_CURSOR}`,
    ],
    [
      'a cursor of another version',
      { after: cursorOf('01ARZ3NDEKTSV4RRFFQ69G5FAV', 'image-2:') },
      'INVALID_CURSOR',
      'after',
      `after ${NOT_A_CURSOR}`,
    ],
    [
      'a cursor of a lower-case id',
      { after: cursorOf('01arz3ndektsv4rrffq69g5fav') },
      'INVALID_CURSOR',
      'after',
      `after ${NOT_A_CURSOR}`,
    ],
    [
      'a cursor of SQL',
      { after: cursorOf(`' OR 1=1 --`) },
      'INVALID_CURSOR',
      'after',
      `after ${NOT_A_CURSOR}`,
    ],
    [
      'an unknown content type',
      { filter: { contentType: 'image/tiff' } },
      'UNSUPPORTED_CONTENT_TYPE',
      'filter.contentType',
      `unsupported content type: must be exactly one of ${TYPES}`,
    ],
    [
      'a wildcard',
      { filter: { contentType: 'image/*' } },
      'UNSUPPORTED_CONTENT_TYPE',
      'filter.contentType',
      `unsupported content type: must be exactly one of ${TYPES}`,
    ],
    [
      'no part of a name',
      { filter: { fileNameContains: '' } },
      'INVALID_FILTER',
      'filter.fileNameContains',
      'fileNameContains must not be empty',
    ],
    [
      'too much of a name',
      { filter: { fileNameContains: '🦊'.repeat(256) } },
      'INVALID_FILTER',
      'filter.fileNameContains',
      'fileNameContains must be at most 255 characters long',
    ],
    [
      'a zero byte',
      { filter: { fileNameContains: 'a\0' } },
      'INVALID_FILTER',
      'filter.fileNameContains',
      'fileNameContains must not contain control characters',
    ],
    [
      'half a surrogate pair',
      { filter: { fileNameContains: '\ud83e' } },
      'INVALID_FILTER',
      'filter.fileNameContains',
      'fileNameContains must be well-formed Unicode',
    ],
  ])('%s is refused', async (_what, given, code, field, message) => {
    expect(await fetchRefusal(api, given)).toEqual({
      status: 200,
      errors: [{ message, extensions: { code, field } }],
    });
  });

  test('255 characters of a name are fine, outside the basic plane, too', async () => {
    const filter = { fileNameContains: '🦊'.repeat(255) };
    expect(idsOf(await fetchPage(api, { filter }))).toEqual([]);
  });

  test.each<[string, object]>([
    ['a fraction', { first: 1.5 }],
    ['text for a number', { first: '1' }],
    ['a huge number', { first: 2 ** 31 }],
    ['a number for a cursor', { after: 1 }],
    ['an unknown order', { order: 'newest' }],
    ['no order', { order: null }],
    ['an unknown status', { filter: { status: 'ready' } }],
    ['an unknown filter', { filter: { bucket: 'x' } }],
    ['a date', { filter: { createdAfter: '2020-01-02' } }],
    ['a day that never was', { filter: { createdAfter: '2021-02-29T00:00:00Z' } }],
    ['a list of filters', { filter: [{}, {}] }],
  ])('%s is no argument by the schema', async (_what, given) => {
    const { status, errors } = await fetchRefusal(api, given);
    expect(status).toBe(400);
    expect(errors).toEqual([
      { message: expect.any(String), extensions: { code: 'BAD_USER_INPUT' } },
    ]);
  });
});
