import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import type { ImageId } from '../../src/domain/image-id.ts';
import { createDatabase, type Database, pingDatabase } from '../../src/shared/database.ts';
import { createImageChanges, type ImageChanges } from '../../src/shared/image-changes.ts';
import { newImageId } from '../../src/shared/image-ids.ts';
import { updateToFailed } from '../../src/shared/image-records/changes.ts';
import { makeImageDeletions } from '../../src/shared/image-records/deletions.ts';
import { type ImageRecords, makeImageRecords } from '../../src/shared/image-records.ts';
import type { Pulse } from '../../src/shared/listen.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { type CapturedLog, captureLog } from '../support/log.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';

const VALIDATED = {
  sizeBytes: 1234,
  versionId: 'v1',
  etag: 'e1',
  width: 640,
  height: 480,
  thumbhash: 'H/gBBYB6fW94h5e313h31dc8j1BU',
  thumbnailVersionId: 't1',
};

const queries: string[] = [];
let testDatabase: TestDatabase;
let database: Database;
let records: ImageRecords;
let log: CapturedLog;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  log = captureLog();
  database = createDatabase({
    databaseUrl: testDatabase.url,
    poolSize: 5,
    logger: log.logger,
    onQuery: (sql) => queries.push(sql),
  });
  await pingDatabase(database);
  records = makeImageRecords(database);
});

afterAll(async () => {
  await database.$disconnect();
  await testDatabase.drop();
});

async function insert(): Promise<ImageId> {
  const id = newImageId();
  await records.insert({ id, contentType: 'image/png', fileName: 'a', objectKey: `ingest/${id}` });
  return id;
}

describe('what is told', () => {
  let client: pg.Client;
  let told: (string | undefined)[];

  beforeEach(async () => {
    told = [];
    client = new pg.Client({ connectionString: testDatabase.url });
    await client.connect();
    client.on('notification', ({ payload }) => told.push(payload));
    await client.query('LISTEN image_changes');
  });

  afterEach(() => client.end());

  /** What was told since the last time; notices come in the order of their commits. */
  async function toldSoFar() {
    const last = newImageId();
    await client.query("SELECT pg_notify('image_changes', $1)", [last]);
    await eventually(() => expect(told).toContain(last));
    return told.splice(0).filter((id) => id !== last);
  }

  test('is the id of a record that became ready or failed', async () => {
    const [ready, failed] = [await insert(), await insert()];
    await records.markReady(ready, VALIDATED);
    await records.markFailed(failed, 'EMPTY');
    expect(await toldSoFar()).toEqual([ready, failed]);
  });

  test('is the ids of records that were deleted', async () => {
    const ids = [await insert(), await insert()];
    await makeImageDeletions(database).request([...ids, newImageId()], async () => {});
    expect((await toldSoFar()).toSorted()).toEqual(ids.toSorted());
  });

  test('is nothing where nothing changed', async () => {
    const id = await insert();
    await records.markFailed(id, 'EMPTY');
    await records.markFailed(id, 'EMPTY');
    await records.markReady(id, VALIDATED);
    await records.markReady(newImageId(), VALIDATED);
    expect(await toldSoFar()).toEqual([id]);
  });

  test('is nothing of a change that was rolled back', async () => {
    const id = await insert();
    const rollback = new Error('rolled back');
    await expect(
      database.$transaction(async (transaction) => {
        expect(await updateToFailed(transaction, id, 'EMPTY')).toBe(true);
        throw rollback;
      }),
    ).rejects.toBe(rollback);
    expect(await toldSoFar()).toEqual([]);
    expect(await records.markReady(id, VALIDATED)).toBe(true);
    expect(await toldSoFar()).toEqual([id]);
  });

  test('goes with the change in one statement', async () => {
    const [ready, failed] = [await insert(), await insert()];
    queries.length = 0;
    await records.markReady(ready, VALIDATED);
    await records.markFailed(failed, 'EMPTY');
    expect(queries).toHaveLength(2);
  });
});

describe('whoever listens', () => {
  let proxy: TcpProxy;
  let changes: ImageChanges;
  let heard: string[];

  /** Longer than any pause of a busy machine, which must not pass for a dead connection. */
  const PATIENT: Pulse = { everyMs: 50, timeoutMs: 120_000 };
  const IMPATIENT: Pulse = { everyMs: 50, timeoutMs: 1_000 };

  beforeEach(() => listen(PATIENT));

  async function listen(pulse: Pulse): Promise<void> {
    const url = new URL(testDatabase.url);
    proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
    url.host = `127.0.0.1:${proxy.port}`;
    heard = [];
    log = captureLog();
    changes = createImageChanges({ databaseUrl: url.href, logger: log.logger, pulse });
    changes.listen({ onChange: (id) => heard.push(id), onGap: () => heard.push('gap') });
    await eventually(() => expect(gapsHeard()).toBeGreaterThan(0));
  }

  afterEach(stopListening);

  async function stopListening(): Promise<void> {
    await changes.close();
    await proxy.close();
  }

  const gapsHeard = () => heard.filter((what) => what === 'gap').length;

  /** Resolves when listening has begun this often. */
  async function gaps(count: number): Promise<void> {
    await eventually(() => expect(gapsHeard()).toBe(count));
  }

  async function change(): Promise<ImageId> {
    const id = await insert();
    await records.markFailed(id, 'EMPTY');
    return id;
  }

  test('hears of every change, and nothing that is no id', async () => {
    await database.$queryRaw`SELECT pg_notify('image_changes', 'nonsense')::text`;
    const ids = [await change(), await change()];
    await eventually(() => expect(heard).toEqual(['gap', ...ids]));
  });

  test('has one session, with a name', async () => {
    // PostgreSQL may not have noticed yet that the one before has gone.
    await eventually(async () => {
      const sessions = await database.$queryRaw`
        SELECT count(*)::int FROM pg_stat_activity
        WHERE application_name = 'media-api listener' AND datname = current_database()`;
      expect(sessions).toEqual([{ count: 1 }]);
    });
  });

  test('listens again after its session was ended, and knows of the gap', async () => {
    await database.$queryRaw`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'media-api listener' AND datname = current_database()`;
    await gaps(2);
    const id = await change();
    await eventually(() => expect(heard).toEqual(['gap', 'gap', id]));
  });

  test('tries until the database is back', async () => {
    proxy.goAway();
    await eventually(() => expect(proxy.refused()).toBeGreaterThan(1));
    expect(log.lines).toContainEqual(expect.objectContaining({ msg: 'live.not_listening' }));
    proxy.comeBack();
    await gaps(2);
  });

  test('notices a connection that has fallen silent without an end', async () => {
    await stopListening();
    await listen(IMPATIENT);
    const before = gapsHeard();
    proxy.freeze();
    // More than one where the machine, too, falls silent for so long.
    await eventually(() => expect(gapsHeard()).toBeGreaterThan(before));
    const ids: ImageId[] = [];
    await eventually(async () => {
      ids.push(await change());
      expect(ids.filter((id) => heard.includes(id))).not.toEqual([]);
    });
  });

  test('a close is quick also while the database is away or silent', async () => {
    proxy.freeze();
    await changes.close();
    const away = createImageChanges({
      databaseUrl: 'postgresql://media:secret@127.0.0.1:1/media',
      logger: log.logger,
    });
    away.listen({ onChange: () => {}, onGap: () => {} });
    await log.find(({ msg }) => msg === 'live.not_listening');
    await away.close();
    expect(JSON.stringify(log.lines)).not.toContain('secret');
  });
});
