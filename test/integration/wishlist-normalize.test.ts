import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import {
  makeNormalize,
  type NormalizeOptions,
  type NormalizeResult,
} from '../../src/features/wishlist/normalize.ts';
import { createDatabase, type Database } from '../../src/shared/database.ts';
import { makeWishlistItems, type WishlistItems } from '../../src/shared/wishlist-items.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { captureLog } from '../support/log.ts';
import { openWishlistTable, type WishlistTable } from '../support/wishlist.ts';

const S3 = 'https://my-bucket.s3.amazonaws.com';
const own = { bucket: 'my-bucket', region: 'eu-central-1' };

let testDatabase: TestDatabase;
let database: Database;
let items: WishlistItems;
let table: WishlistTable;
const statements: string[] = [];
const log = captureLog();

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = createDatabase({
    databaseUrl: testDatabase.url,
    poolSize: 4,
    logger: log.logger,
    onQuery: (sql) => statements.push(sql),
  });
  items = makeWishlistItems(database);
  table = openWishlistTable(testDatabase.url);
});

afterEach(() => table.clear());

afterAll(async () => {
  await table.close();
  await database.$disconnect();
  await testDatabase.drop();
});

function run(options: Partial<NormalizeOptions> = {}): Promise<NormalizeResult> {
  return makeNormalize({ pictures: items, own, logger: log.logger })({
    dryRun: false,
    batchSize: 3,
    signal: new AbortController().signal,
    onProgress: () => {},
    ...options,
  });
}

const NOTHING: NormalizeResult = {
  looked_at: 0,
  normalized: 0,
  other_bucket: 0,
  other_site: 0,
  not_a_url: 0,
  outside_public_prefix: 0,
  no_usable_key: 0,
  bare_plus_sign: 0,
  pinned_version: 0,
  changed_meanwhile: 0,
};

const url = (name: string) => `${S3}/uploads/wishlist/${name}`;

test('every kind of picture: its key, or why not', async () => {
  const cases: [imageUrl: string, key: string | null][] = [
    [url('a%20b.jpg?v=1'), 'uploads/wishlist/a b.jpg'],
    [`http://s3.amazonaws.com/my-bucket/uploads%2Fwishlist%2F1`, 'uploads/wishlist/1'],
    [url('signed?X-Amz-Signature=s'), 'uploads/wishlist/signed'],
    ['https://other.s3.amazonaws.com/uploads/wishlist/1', null],
    ['https://example.com/uploads/wishlist/1', null],
    ['https://cdn.example.com/uploads/wishlist/1', null],
    ['uploads/wishlist/1', null],
    [`${S3}/ingest/01ARZ3NDEKTSV4RRFFQ69G5FAV`, null],
    [`${S3}/`, null],
    [url('a+b'), null],
    [url('1?versionId=v1'), null],
  ];
  const imageUpdatedAt = new Date(5);
  const ids = await table.add(...cases.map(([imageUrl]) => ({ imageUrl, imageUpdatedAt })));
  const others = [{ imageKey: 'uploads/wishlist/x' }, { imageId: 'x' }, {}];
  await table.add(...others);

  const expected = {
    looked_at: 11,
    normalized: 3,
    other_bucket: 1,
    other_site: 2,
    not_a_url: 1,
    outside_public_prefix: 1,
    no_usable_key: 1,
    bare_plus_sign: 1,
    pinned_version: 1,
    changed_meanwhile: 0,
  };
  expect(await run({ dryRun: true })).toEqual(expected);
  for (const id of ids) expect((await table.row(id))?.imageKey).toBeNull();

  expect(await run()).toEqual(expected);
  for (const [n, [imageUrl, imageKey]] of cases.entries()) {
    // The URL stays for rolling back, and nothing says that the picture is another.
    expect(await table.row(ids[n] ?? '')).toMatchObject({ imageUrl, imageKey, imageUpdatedAt });
  }
  expect(await run()).toEqual({ ...expected, looked_at: 8, normalized: 0 });
});

test('runs in batches, each of two statements, from id to id', async () => {
  await table.add(...Array.from({ length: 7 }, (_, n) => ({ imageUrl: url(String(n)) })));
  statements.length = 0;
  const progress: number[] = [];
  const result = await run({ onProgress: (count) => progress.push(count) });
  expect(result).toEqual({ ...NOTHING, looked_at: 7, normalized: 7 });
  expect(progress).toEqual([3, 6, 7]);
  expect(statements).toHaveLength(6);
});

test('whole batches that have to stay are passed by', async () => {
  const imageUrl = 'https://example.com/1';
  await table.add(...Array.from({ length: 7 }, () => ({ imageUrl })), { imageUrl: url('last') });
  expect(await run()).toMatchObject({ looked_at: 8, other_site: 7, normalized: 1 });
});

test('an interrupted run finishes its batch, and the next does the rest', async () => {
  await table.add(...Array.from({ length: 7 }, (_, n) => ({ imageUrl: url(String(n)) })));
  const interrupted = new AbortController();
  const result = await run({
    signal: interrupted.signal,
    onProgress: () => interrupted.abort(),
  });
  expect(result).toEqual({ ...NOTHING, looked_at: 3, normalized: 3 });
  expect(await run()).toEqual({ ...NOTHING, looked_at: 4, normalized: 4 });
});

test('a picture that changes between reading and writing is left as it is now', async () => {
  const ids = await table.add(
    { imageUrl: url('1') },
    { imageUrl: url('2') },
    { imageUrl: url('3') },
  );
  const changes = [{ imageUrl: url('new') }, { imageUrl: null, imageId: 'x' }];
  const normalize = makeNormalize({
    own,
    logger: log.logger,
    pictures: {
      listLegacy: items.listLegacy,
      async setKeys(keys) {
        for (const [n, data] of changes.entries()) {
          await database.wishlistItem.update({ where: { id: ids[n] ?? '' }, data });
        }
        await database.wishlistItem.update({ where: { id: ids[2] ?? '' }, data: { title: 'new' } });
        return items.setKeys(keys);
      },
    },
  });
  const result = await normalize({
    dryRun: false,
    batchSize: 10,
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  expect(result).toEqual({ ...NOTHING, looked_at: 3, normalized: 1, changed_meanwhile: 2 });
  expect(await table.row(ids[0] ?? '')).toMatchObject({ imageUrl: url('new'), imageKey: null });
  expect(await table.row(ids[1] ?? '')).toMatchObject({ imageId: 'x', imageKey: null });
  const kept = { title: 'new', imageKey: 'uploads/wishlist/3' };
  expect(await table.row(ids[2] ?? '')).toMatchObject(kept);
});

test('several runs at once do everything once', async () => {
  await table.add(...Array.from({ length: 60 }, (_, n) => ({ imageUrl: url(String(n)) })));
  const results = await Promise.all([run(), run({ batchSize: 7 }), run({ batchSize: 11 })]);
  expect(results.reduce((sum, { normalized }) => sum + normalized, 0)).toBe(60);
  expect(await run()).toEqual(NOTHING);
});

test('what is left alone is logged by item and reason, never by its URL', async () => {
  const [id] = await table.add({ imageUrl: 'https://other.s3.amazonaws.com/a?X-Amz-Signature=s' });
  log.lines.length = 0;
  await run();
  expect(log.lines).toEqual([
    expect.objectContaining({ msg: 'wishlist.left_alone', itemId: id, reason: 'other_bucket' }),
    expect.objectContaining({ msg: 'wishlist.normalized', looked_at: 1, dryRun: false }),
  ]);
  expect(JSON.stringify(log.lines)).not.toContain('amazonaws');
});

test.each([
  ['a key', { imageKey: 'uploads/wishlist/1' }],
  ['a URL', { imageUrl: url('1') }],
])('the table refuses an image beside %s', async (_what, picture) => {
  await expect(table.add({ imageId: 'x', ...picture })).rejects.toThrow(
    'wishlist_items_picture_check',
  );
});
