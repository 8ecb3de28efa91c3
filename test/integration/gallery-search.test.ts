import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDatabase, type Database } from '../../src/shared/database.ts';
import type { ListQuery } from '../../src/shared/image-records/listing.ts';
import { type ImageRecords, makeImageRecords } from '../../src/shared/image-records.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { storeImages } from '../support/gallery-rows.ts';
import { captureLog } from '../support/log.ts';
import { type Draw, drawFrom } from '../support/relay-reference.ts';

const HOUR = 60 * 60 * 1000;
const START = Date.parse('2026-01-01T00:00:00Z');

const EVERYTHING = {
  ...{ status: null, contentType: null, createdAfter: null, createdBefore: null },
  fileNameContains: null,
};
const FROM_THE_NEWEST: Omit<ListQuery, 'filter'> = {
  ...{ order: 'newest', after: null, before: null, take: 'first', limit: 101 },
};

/** Few, so that parts are found; all that means something to LIKE or in a text search, too. */
const CHARACTERS = [
  ...`aAbB.'"\\%_ :*&|!()<->`,
  'ä',
  'Ä',
  'a\u0308',
  'É',
  '猫',
  'ば',
  '🦊',
  'ж',
  'Ж',
];

function drawName(draw: Draw, maxLength: number): string {
  const length = 1 + draw.below(maxLength);
  return Array.from({ length }, () => draw.oneOf(CHARACTERS)).join('');
}

function fold(name: string): string {
  return name.normalize().toLowerCase();
}

describe('searching for file names', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let records: ImageRecords;
  const names: string[] = [];

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    const { logger } = captureLog();
    database = createDatabase({ databaseUrl: testDatabase.url, poolSize: 1, logger });
    records = makeImageRecords(database);
    const draw = drawFrom(3);
    names.push(...Array.from({ length: 800 }, () => drawName(draw, 12)));
    // Every grain of "abcd" is in it, and not one after the other.
    names.push('bcd abc', 'abcabd', 'ABCD', `it's`, 'C:\\temp');
    await storeImages(
      testDatabase.url,
      names.map((fileName, n) => ({ fileName, createdAt: new Date(START + n * HOUR) })),
    );
  });

  afterAll(async () => {
    await database.$disconnect();
    await testDatabase.drop();
  });

  async function find(part: string, query: Partial<ListQuery> = {}): Promise<string[]> {
    const filter = { ...EVERYTHING, fileNameContains: part };
    const found = await records.list({ ...FROM_THE_NEWEST, ...query, filter });
    return found.map(({ fileName }) => fileName);
  }

  test('finds exactly the names with a part in them, whatever its characters and length', async () => {
    const draw = drawFrom(4);
    let byIndex = 0;
    for (let round = 0; round < 300; round += 1) {
      const part = drawName(draw, draw.oneOf([1, 2, 3, 6]));
      const expected = names.filter((name) => fold(name).includes(fold(part))).reverse();
      expect({ part, found: await find(part) }).toEqual({ part, found: expected.slice(0, 101) });
      expect(await records.count({ ...EVERYTHING, fileNameContains: part })).toBe(expected.length);
      if (expected.length > 0 && expected.length < 101) byIndex += 1;
    }
    // A page that is filled was found by walking, any other one by the index.
    expect(byIndex).toBeGreaterThan(50);
    expect(byIndex).toBeLessThan(250);
  });

  test.each([
    ['abcd', ['ABCD']],
    ['BCD ', ['bcd abc']],
    [`T'S`, [`it's`]],
    ['c:\\T', ['C:\\temp']],
    ['abc%', []],
    ['ab_d', []],
  ])('%s', async (part, expected) => {
    const listed = (await find(part)).filter((name) => names.indexOf(name) >= 800);
    expect(listed).toEqual(expected);
  });

  test('goes on behind a place, in either direction, over many periods', async () => {
    const part = '🦊';
    const all = names.filter((name) => name.includes(part)).reverse();
    expect(all.length).toBeGreaterThan(101);
    expect(await find(part, { take: 'last' })).toEqual(all.slice(-101));
    expect(await find(part, { order: 'oldest' })).toEqual(all.toReversed().slice(0, 101));
    const filter = { ...EVERYTHING, fileNameContains: part };
    const tenth = (await records.list({ ...FROM_THE_NEWEST, filter, limit: 10 })).at(-1);
    if (!tenth) throw new Error('there are ten');
    const there = { id: tenth.id, inclusive: false };
    const here = { id: tenth.id, inclusive: true };
    expect(await find(part, { after: there })).toEqual(all.slice(10, 111));
    expect(await find(part, { after: here })).toEqual(all.slice(9, 110));
    expect(await find(part, { before: there })).toEqual(all.slice(0, 9));
    expect(await find(part, { before: here, take: 'last', limit: 3 })).toEqual(all.slice(7, 10));
  });

  test('is by the index behind the rows that are walked, from either end', async () => {
    const png = { fileName: 'far away.png' };
    const gif = { fileName: 'far away.gif', status: 'failed', contentType: 'image/gif' } as const;
    // One in almost three days, so that some have a period for themselves, and some share one.
    const far = Array.from({ length: 12 }, (_, n) => ({
      ...(n % 3 ? png : gif),
      createdAt: new Date(START + (n < 6 ? -6000 : 6000) * HOUR + n * 60 * HOUR),
    }));
    const near = Array.from({ length: 10_002 }, (_, n) => ({
      ...{ fileName: 'n', status: n % 2 ? ('ready' as const) : ('failed' as const) },
      createdAt: new Date(START + (n % 3 ? 3000 : -3000) * HOUR + n),
    }));
    const ids = (await storeImages(testDatabase.url, far)).reverse();
    await storeImages(testDatabase.url, [
      ...near,
      // Behind those that match, so that both ways begin with a walk in vain.
      ...near.map((row) => ({
        ...row,
        createdAt: new Date(row.createdAt.getTime() + 7000 * HOUR),
      })),
      ...near.map((row) => ({
        ...row,
        createdAt: new Date(row.createdAt.getTime() - 7000 * HOUR),
      })),
    ]);
    const search = async (filter: Partial<ListQuery['filter']>, query: Partial<ListQuery> = {}) => {
      const all = { ...EVERYTHING, ...filter, fileNameContains: 'R AWA' };
      const found = await records.list({ ...FROM_THE_NEWEST, ...query, filter: all });
      expect(await records.count(all)).toBe(filter === NARROWED ? 4 : 12);
      return found.map(({ id }) => id);
    };
    const NARROWED = { status: 'failed', contentType: 'image/gif' } as const;
    expect(await search({})).toEqual(ids);
    expect(await search({}, { order: 'oldest' })).toEqual(ids.toReversed());
    expect(await search({}, { take: 'last', limit: 5 })).toEqual(ids.slice(-5));
    expect(await search({}, { limit: 5 })).toEqual(ids.slice(0, 5));
    expect(await search(NARROWED)).toEqual(ids.filter((_, n) => (11 - n) % 3 === 0));
    expect(await search(NARROWED, { order: 'oldest' })).toEqual(
      ids.filter((_, n) => (11 - n) % 3 === 0).reverse(),
    );
  });

  test('of many in one period takes the first, however they are stored', async () => {
    // In the order of their numbers they are neither from the newest nor from the oldest.
    const stored = Array.from({ length: 40 }, (_, n) => ({
      ...{ fileName: `thick ${n}`, number: (n * 17) % 40 },
      createdAt: new Date(START - 20_000 * HOUR + ((n * 17) % 40) * 1000),
    }));
    await storeImages(testDatabase.url, stored);
    const newestFirst = stored.toSorted((a, b) => b.number - a.number);
    const expected = newestFirst.map(({ fileName }) => fileName);
    expect(await find('thick', { limit: 11 })).toEqual(expected.slice(0, 11));
    expect(await find('thick', { limit: 5 })).toEqual(expected.slice(0, 5));
  });
});
