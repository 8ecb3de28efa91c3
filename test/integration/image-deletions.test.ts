import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import type { ImageId } from '../../src/domain/image-id.ts';
import { ingestKey } from '../../src/domain/object-keys.ts';
import { createDatabase, type Database } from '../../src/shared/database.ts';
import { newImageId } from '../../src/shared/image-ids.ts';
import {
  type ImageDeletions,
  makeImageDeletions,
} from '../../src/shared/image-records/deletions.ts';
import { type ImageRecords, makeImageRecords } from '../../src/shared/image-records.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { captureLog } from '../support/log.ts';

let testDatabase: TestDatabase;
let database: Database;
let records: ImageRecords;
let deletions: ImageDeletions;
/** Another session, for what holds locks and listens. */
let sql: pg.Client;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const { logger } = captureLog();
  database = createDatabase({ databaseUrl: testDatabase.url, poolSize: 4, logger });
  records = makeImageRecords(database);
  deletions = makeImageDeletions(database);
  sql = new pg.Client({ connectionString: testDatabase.url });
  await sql.connect();
  await database.$queryRaw`SELECT 1`;
});

afterEach(async () => {
  await database.imageDeletion.deleteMany();
  await database.imageRecord.deleteMany();
});

afterAll(async () => {
  await sql.end();
  await database.$disconnect();
  await testDatabase.drop();
});

const VALIDATED = {
  sizeBytes: 1,
  versionId: 'v1',
  etag: 'e1',
  width: 1,
  height: 1,
  thumbhash: 'aGFzaA==',
  thumbnailVersionId: 't1',
};

async function addPending(): Promise<ImageId> {
  const id = newImageId();
  await records.insert({
    id,
    contentType: 'image/png',
    fileName: 'a.png',
    objectKey: ingestKey(id),
  });
  return id;
}

async function addReady(): Promise<ImageId> {
  const id = await addPending();
  await records.markReady(id, VALIDATED);
  return id;
}

const nothingAlongside = async () => {};
const request = (...ids: ImageId[]) => deletions.request(ids, nothingAlongside);

/** Runs `act` while this statement's transaction is open; commits when `act` waits for its lock. */
async function whileOpen<Result>(
  statement: string,
  parameters: unknown[],
  act: () => Promise<Result>,
): Promise<Result> {
  await sql.query('BEGIN');
  await sql.query(statement, parameters);
  const acting = act();
  await eventually(async () => {
    const { rows } = await sql.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    expect(rows).toHaveLength(1);
  });
  await sql.query('COMMIT');
  return acting;
}

describe('requesting', () => {
  test('moves the records: what the CDN may have is kept, what the owner said is not', async () => {
    const [ready, pending, other] = [await addReady(), await addPending(), await addReady()];
    const before = Date.now();
    expect((await request(ready, pending, newImageId())).toSorted()).toEqual(
      [ready, pending].sort(),
    );
    expect(await records.findMany([ready, pending])).toEqual([null, null]);
    expect(await records.findMany([other])).toMatchObject([{ id: other }]);

    const row = await database.imageDeletion.findUniqueOrThrow({ where: { id: ready } });
    expect(row).toEqual({
      id: ready,
      objectKey: ingestKey(ready),
      wasReady: true,
      versionId: 'v1',
      thumbnailVersionId: 't1',
      requestedAt: expect.any(Date),
      finishedAt: null,
    });
    expect(row.requestedAt.getTime()).toBeGreaterThanOrEqual(before);
    expect(row.requestedAt.getTime()).toBeLessThanOrEqual(Date.now());
    expect(await deletions.find(pending)).toMatchObject({ wasReady: false, versionId: null });
    expect(await deletions.find(other)).toBeNull();
  });

  test('the second time finds nothing, and changes nothing', async () => {
    const id = await addReady();
    await request(id);
    const [first] = await deletions.markFinished([id]);
    expect(await request(id)).toEqual([]);
    expect(await deletions.find(id)).toEqual(first);
  });

  test('what is done alongside is done in the same transaction', async () => {
    const id = await addReady();
    const seen = await deletions.request([id, newImageId()], async (transaction, ids) => {
      const query = 'SELECT pg_current_xact_id_if_assigned() IS NOT NULL AS writes';
      expect(ids).toEqual([id]);
      expect(await transaction.$queryRawUnsafe(query)).toEqual([{ writes: true }]);
      // Nobody else sees anything of it yet.
      expect(await records.findMany([id])).toMatchObject([{ id }]);
    });
    expect(seen).toEqual([id]);
  });

  test.each([
    ['fails', async () => Promise.reject(new Error('no queue'))],
    [
      'breaks the transaction',
      async (transaction: { $queryRawUnsafe(sql: string): Promise<unknown> }) => {
        await transaction.$queryRawUnsafe('SELECT 1 FROM pgboss.nothing');
      },
    ],
  ])('when what is done alongside %s, the images are deleted all the same', async (_how, fail) => {
    const id = await addReady();
    expect(await deletions.request([id], fail)).toEqual([id]);
    expect(await deletions.find(id)).toMatchObject({ finishedAt: null });
  });

  test('without an image nothing is done alongside', async () => {
    const alongside = () => Promise.reject(new Error('is not called'));
    expect(await deletions.request([newImageId()], alongside)).toEqual([]);
  });

  test('a worker that is validating just now: what it has stored is what is moved', async () => {
    const id = await addPending();
    const moved = await whileOpen(
      "UPDATE image_records SET status = 'ready', version_id = 'v9' WHERE id = $1",
      [id],
      () => request(id),
    );
    expect(moved).toEqual([id]);
    expect(await deletions.find(id)).toMatchObject({ wasReady: true, versionId: 'v9' });
  });

  test('a worker that comes too late changes nothing', async () => {
    const id = await addPending();
    const changed = await whileOpen('DELETE FROM image_records WHERE id = $1', [id], () =>
      records.markReady(id, VALIDATED),
    );
    expect(changed).toBe(false);
  });

  test('many requests for the same images at once: each image goes to one of them', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, addReady));
    const results = await Promise.all(
      [ids, ids.toReversed(), ids, ids.toReversed()].map((list) => request(...list)),
    );
    expect(results.flat().toSorted()).toEqual(ids.toSorted());
  });

  test('a record that came back from a backup is deleted anew', async () => {
    const id = await addReady();
    await request(id);
    await deletions.markFinished([id]);
    await records.insert({ id, contentType: 'image/png', fileName: 'a', objectKey: ingestKey(id) });
    expect(await request(id)).toEqual([id]);
    expect(await deletions.find(id)).toMatchObject({
      finishedAt: null,
      wasReady: false,
      versionId: null,
    });
  });

  test('is told to those who watch the images', async () => {
    const told: (string | undefined)[] = [];
    sql.on('notification', ({ payload }) => told.push(payload));
    await sql.query('LISTEN image_changes');
    const id = await addReady();
    // An answer brings what was told before it.
    await sql.query('SELECT 1');
    told.length = 0;
    await request(id, newImageId());
    await sql.query('SELECT 1');
    await sql.query('UNLISTEN *');
    expect(told).toEqual([id]);
  });
});

describe('finishing', () => {
  const FUTURE = new Date(Date.now() + 3_600_000);
  const all = { after: null, before: FUTURE, limit: 10 };
  const idsOf = (list: { id: ImageId }[]) => list.map(({ id }) => id);

  test('is told once for each, and only of those that were requested', async () => {
    const [one, two] = [await addReady(), await addReady()];
    await request(one, two);
    expect(idsOf(await deletions.findUnfinished([one, newImageId()]))).toEqual([one]);
    expect(idsOf(await deletions.markFinished([one, newImageId()]))).toEqual([one]);
    expect(await deletions.markFinished([one])).toEqual([]);
    expect(await deletions.findUnfinished([one, two])).toMatchObject([{ id: two }]);
  });

  test('both lists go by id, from batch to batch, up to a time', async () => {
    const ids = (await Promise.all(Array.from({ length: 5 }, addReady))).toSorted();
    await request(...ids);
    const [a, b, c] = ids;
    expect(idsOf(await deletions.listUnfinished({ ...all, limit: 2 }))).toEqual([a, b]);
    expect(idsOf(await deletions.listUnfinished({ ...all, after: b ?? null }))).toEqual(
      ids.slice(2),
    );
    expect(await deletions.listUnfinished({ ...all, before: new Date(0) })).toEqual([]);

    expect(await deletions.listFinished(all)).toEqual([]);
    await deletions.markFinished(ids.slice(0, 3));
    expect(idsOf(await deletions.listUnfinished(all))).toEqual(ids.slice(3));
    expect(idsOf(await deletions.listFinished({ ...all, limit: 2 }))).toEqual([a, b]);
    expect(idsOf(await deletions.listFinished({ ...all, after: b ?? null }))).toEqual([c]);
    expect(await deletions.listFinished({ ...all, before: new Date(0) })).toEqual([]);
  });

  test('only what is finished can be forgotten', async () => {
    const [done, open] = [await addReady(), await addReady()];
    await request(done, open);
    await deletions.markFinished([done]);
    await deletions.forget([done, open]);
    expect(await deletions.find(done)).toBeNull();
    expect(await deletions.find(open)).not.toBeNull();
  });

  test('the lists are read through their indexes', async () => {
    await sql.query(`INSERT INTO image_deletions (id, object_key, was_ready, finished_at)
      SELECT lpad(n::text, 26, '0'), 'k', true, now() FROM generate_series(1, 20000) n`);
    await sql.query('ANALYZE image_deletions');
    const plan = async (where: string) => {
      const { rows } = await sql.query(
        `EXPLAIN SELECT * FROM image_deletions WHERE ${where} LIMIT 500`,
      );
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    };
    expect(
      await plan("finished_at IS NULL AND requested_at < now() AND id > '' ORDER BY id"),
    ).toContain('image_deletions_unfinished_idx');
    expect(
      await plan("finished_at < now() - interval '30 days' AND id > '' ORDER BY id"),
    ).toContain('image_deletions_finished_idx');
  });
});
