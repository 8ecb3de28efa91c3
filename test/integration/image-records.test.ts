import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { ulid } from 'ulid';
import type { ImageId } from '../../src/domain/image-id.ts';
import { FAILURE_REASONS, type FailureReason } from '../../src/domain/image-status.ts';
import { createDatabase, type Database, type Statement } from '../../src/shared/database.ts';
import { newImageId } from '../../src/shared/image-ids.ts';
import { type ImageRecords, makeImageRecords } from '../../src/shared/image-records.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { captureLog } from '../support/log.ts';

const VALIDATED = {
  sizeBytes: 1234,
  versionId: 'v1',
  etag: 'e1',
  width: 640,
  height: 480,
  thumbhash: 'H/gBBYB6fW94h5e313h31dc8j1BU',
  thumbnailVersionId: 't1',
};

describe('image records', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let records: ImageRecords;
  let sql: pg.Client;

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    const { logger } = captureLog();
    database = createDatabase({ databaseUrl: testDatabase.url, poolSize: 10, logger });
    records = makeImageRecords(database);
    sql = new pg.Client({ connectionString: testDatabase.url });
    await sql.connect();
  });

  afterAll(async () => {
    await sql.end();
    await database.$disconnect();
    await testDatabase.drop();
  });

  async function insert(fileName = 'cat.png'): Promise<ImageId> {
    const id = newImageId();
    await records.insert({ id, contentType: 'image/png', fileName, objectKey: `ingest/${id}` });
    return id;
  }

  async function find(id: ImageId) {
    const [record] = await records.findMany([id]);
    return record ?? null;
  }

  test('insert stores a pending record, and gives back what is stored', async () => {
    const createdAt = new Date('2026-02-22T10:00:00.123Z');
    const id = ulid(createdAt.getTime()) as ImageId;
    const inserted = await records.insert({
      id,
      contentType: 'image/avif',
      fileName: `'; DROP TABLE image_records; -- 🦊`,
      objectKey: `ingest/${id}`,
    });
    expect(inserted).toEqual({
      id,
      status: 'pending',
      contentType: 'image/avif',
      fileName: `'; DROP TABLE image_records; -- 🦊`,
      sizeBytes: null,
      objectKey: `ingest/${id}`,
      // The time in the id, by which lists are ordered and filtered.
      createdAt,
      updatedAt: createdAt,
      versionId: null,
      etag: null,
      width: null,
      height: null,
      thumbhash: null,
      failureReason: null,
      thumbnailVersionId: null,
    });
    expect(await find(id)).toEqual(inserted);
  });

  test('insert refuses an id that is taken', async () => {
    const id = await insert();
    const again = { id, contentType: 'image/png', fileName: 'x', objectKey: 'y' } as const;
    await expect(records.insert(again)).rejects.toThrow();
    expect(await find(id)).toMatchObject({ fileName: 'cat.png' });
  });

  test('markReady keeps the version, touches updatedAt, and happens once', async () => {
    const id = await insert();
    const pending = await find(id);
    expect(await records.markReady(id, VALIDATED)).toBe(true);
    const ready = await find(id);
    expect(ready).toEqual({
      ...pending,
      status: 'ready',
      ...VALIDATED,
      updatedAt: expect.any(Date),
    });
    expect(ready?.updatedAt.getTime()).toBeGreaterThanOrEqual(pending?.updatedAt.getTime() ?? 0);

    expect(await records.markReady(id, { ...VALIDATED, versionId: 'v2' })).toBe(false);
    expect(await records.markFailed(id, 'EMPTY')).toBe(false);
    expect(await find(id)).toEqual(ready);
  });

  test.each(Object.keys(FAILURE_REASONS) as FailureReason[])(
    'markFailed %s, once',
    async (reason) => {
      const id = await insert();
      expect(await records.markFailed(id, reason)).toBe(true);
      const failed = await find(id);
      expect(failed).toMatchObject({ status: 'failed', failureReason: reason, sizeBytes: null });

      expect(await records.markFailed(id, 'NEVER_UPLOADED')).toBe(false);
      expect(await records.markReady(id, VALIDATED)).toBe(false);
      expect(await find(id)).toEqual(failed);
    },
  );

  test('nothing is changed where there is no record', async () => {
    expect(await records.markReady(newImageId(), VALIDATED)).toBe(false);
    expect(await records.markFailed(newImageId(), 'EMPTY')).toBe(false);
  });

  test('of twenty that settle a record at once, one wins, and the record is as it says', async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await insert();
      const results = await Promise.all(
        Array.from({ length: 20 }, async (_, n) => {
          const won = await (n % 2
            ? records.markFailed(id, 'EMPTY')
            : records.markReady(id, { ...VALIDATED, versionId: `v${n}` }));
          return won ? [n] : [];
        }),
      );
      const winners = results.flat();
      expect(winners).toHaveLength(1);
      const [winner = 0] = winners;
      expect(await find(id)).toMatchObject(
        winner % 2
          ? { status: 'failed', failureReason: 'EMPTY', versionId: null }
          : { status: 'ready', failureReason: null, versionId: `v${winner}` },
      );
    }
  });

  test('findMany is aligned with its ids: null for none, duplicates as asked for', async () => {
    const [a, b] = [await insert('a'), await insert('b')];
    const unknown = newImageId();
    const found = await records.findMany([b, unknown, a, b]);
    expect(found.map((record) => record?.fileName ?? null)).toEqual(['b', null, 'a', 'b']);
    expect(await records.findMany([])).toEqual([]);
  });

  test.each(['', 'NULL', 'a,b', '{}', '"', '\\', "'"])(
    'an id that was written by somebody else, such as %j, finds nothing and spoils nothing',
    async (text) => {
      const [id, odd] = [await insert('a'), text as ImageId];
      expect(await records.findMany([odd, id])).toMatchObject([null, { id }]);
      expect([...(await records.findObjects([odd, id])).keys()]).toEqual([id]);
    },
  );

  test('findObjects has what signing takes, of each that is there', async () => {
    const [ready, failed, pending] = [await insert('a'), await insert('b'), await insert('c')];
    await records.markReady(ready, VALIDATED);
    await records.markFailed(failed, 'EMPTY');
    const found = await records.findObjects([failed, newImageId(), ready, pending, ready]);
    const object = (id: ImageId) => ({
      ...{ id, objectKey: `ingest/${id}`, failureReason: null, versionId: null },
    });
    expect(found).toEqual(
      new Map<ImageId, unknown>([
        [ready, { ...object(ready), status: 'ready', versionId: VALIDATED.versionId }],
        [failed, { ...object(failed), status: 'failed', failureReason: 'EMPTY' }],
        [pending, { ...object(pending), status: 'pending' }],
      ]),
    );
    expect(await records.findObjects([])).toEqual(new Map());
  });

  test.each([
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000Z'],
    ['2026-02-22T10:00:00.123Z', '2026-02-22T10:00:00.123Z'],
    ['2026-02-22T10:00:00.123456Z', '2026-02-22T10:00:00.123Z'],
    ['2026-02-22T10:00:00.999999Z', '2026-02-22T10:00:00.999Z'],
    ['2026-02-22T10:00:00.000999+02:00', '2026-02-22T08:00:00.000Z'],
    ['1969-12-31T23:59:59.001Z', '1969-12-31T23:59:59.001Z'],
  ])('the time %s is read as %s, as Prisma reads it', async (stored, read) => {
    const id = await insert();
    await sql.query('UPDATE image_records SET created_at = $2, updated_at = $2 WHERE id = $1', [
      id,
      stored,
    ]);
    const time = new Date(read);
    expect(await find(id)).toMatchObject({ createdAt: time, updatedAt: time });
    const byPrisma = await database.imageRecord.findUniqueOrThrow({ where: { id } });
    expect(byPrisma.createdAt).toEqual(time);
  });

  test.each([1, 2 ** 31, 5 * 2 ** 30, Number.MAX_SAFE_INTEGER])(
    'a size of %d bytes comes back as that number',
    async (sizeBytes) => {
      const id = await insert();
      await records.markReady(id, { ...VALIDATED, sizeBytes });
      expect((await find(id))?.sizeBytes).toBe(sizeBytes);
    },
  );

  test.each([
    ['an unknown status', `status = 'done'`, 'image_records_status_check'],
    ['a failure without a reason', `status = 'failed'`, 'image_records_failure_reason_check'],
    [
      'a reason without a failure',
      `failure_reason = 'EMPTY'`,
      'image_records_failure_reason_check',
    ],
    [
      'a ready record with a reason',
      `status = 'ready', failure_reason = 'EMPTY'`,
      'image_records_failure_reason_check',
    ],
  ])('the table refuses %s', async (_what, assignment, constraint) => {
    const id = await insert();
    const update = sql.query(`UPDATE image_records SET ${assignment} WHERE id = $1`, [id]);
    await expect(update).rejects.toMatchObject({ code: '23514', constraint });
  });

  test.each([
    'id',
    'status',
    'content_type',
    'file_name',
    'object_key',
    'created_at',
    'updated_at',
  ])('the table refuses a record without %s', async (column) => {
    const id = await insert();
    const update = sql.query(`UPDATE image_records SET ${column} = NULL WHERE id = $1`, [id]);
    await expect(update).rejects.toMatchObject({ code: '23502', column });
  });
});

describe('prepared statements', () => {
  let testDatabase: TestDatabase;
  let database: Database;
  let records: ImageRecords;

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    const { logger } = captureLog();
    // One connection, so that it is the one that is asked what it has prepared.
    database = createDatabase({ databaseUrl: testDatabase.url, poolSize: 1, logger });
    records = makeImageRecords(database);
  });

  afterAll(async () => {
    await database.$disconnect();
    await testDatabase.drop();
  });

  async function prepared(): Promise<{ name: string; statement: string }[]> {
    return database.$queryRaw`SELECT name, statement FROM pg_prepared_statements`;
  }

  test('one named statement finds lists of every length', async () => {
    for (const length of [0, 1, 2, 3, 50]) {
      await records.findMany(Array.from({ length }, newImageId));
    }
    const lookups = (await prepared()).filter(({ statement }) => statement.includes('= ANY'));
    expect(lookups).toHaveLength(1);
    expect(lookups[0]?.name).toBe('select images by ids');
  });

  test('no more than 200 are kept, and further ones work without a name', async () => {
    for (let n = 0; n < 250; n += 1) {
      expect(await database.$queryRawUnsafe(`SELECT ${n} AS n`)).toEqual([{ n }]);
    }
    // Those that Prisma's statements get; the few that are ours have names of their own.
    const names = (await prepared()).map(({ name }) => name).filter((name) => /^s\d+$/.test(name));
    expect(names.length).toBeGreaterThan(150);
    expect(names.length).toBeLessThanOrEqual(200);
    expect(await records.findMany([newImageId()])).toEqual([null]);
  });
});

describe('a database', () => {
  let testDatabase: TestDatabase;
  let sql: pg.Client;

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    sql = new pg.Client({ connectionString: testDatabase.url });
    await sql.connect();
  });

  afterAll(async () => {
    await sql.end();
    await testDatabase.drop();
  });

  const IDLE: Statement = { name: 'idle', text: 'SELECT pg_backend_pid() AS pid' };

  function open(poolSize: number, logger = captureLog().logger): Database {
    return createDatabase({ databaseUrl: testDatabase.url, poolSize, logger });
  }

  test('has one pool for Prisma and for what goes past it', async () => {
    const database = open(1);
    const [direct] = await database.runStatement<{ pid: number }>(IDLE, []);
    const [byPrisma] = await database.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
    expect(byPrisma).toEqual(direct);
    await database.$disconnect();
  });

  test('is closed for good where Prisma was never asked, and may be closed twice', async () => {
    const database = open(1);
    await database.runStatement(IDLE, []);
    await database.$disconnect();
    await expect(database.runStatement(IDLE, [])).rejects.toThrow('after calling end');
    await database.$disconnect();
  });

  test('survives the loss of an idle connection where Prisma was never asked', async () => {
    const log = captureLog();
    const database = open(1, log.logger);
    const [lost] = await database.runStatement<{ pid: number }>(IDLE, []);
    await sql.query('SELECT pg_terminate_backend($1)', [lost?.pid]);
    await log.find(({ msg }) => msg === 'database.connection_lost');
    const [next] = await database.runStatement<{ pid: number }>(IDLE, []);
    expect(next?.pid).not.toBe(lost?.pid);
    await database.$disconnect();
  });
});
