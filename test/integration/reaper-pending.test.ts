import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { imageThumbnailKey, ingestKey } from '../../src/domain/object-keys.ts';
import { newImageId } from '../../src/shared/image-ids.ts';
import { openTestReaper, query, type TestReaper } from '../support/reaper.ts';
import { type Surroundings, startSurroundings } from '../support/surroundings.ts';
import { drawTinyImages, type TinyImages } from '../support/tiny-images.ts';

const NOTHING = {
  looked_at: 0,
  ready: 0,
  failed: 0,
  never_uploaded: 0,
  orphans_deleted: 0,
  overwrites_deleted: 0,
  errors: 0,
  would_be_validated: 0,
};

let surroundings: Surroundings;
let images: TinyImages;

beforeAll(async () => {
  images = await drawTinyImages();
  surroundings = await startSurroundings();
});

afterAll(async () => {
  await surroundings.close();
});

async function withReaper(
  use: (reaper: TestReaper) => Promise<void>,
  options: Parameters<typeof openTestReaper>[1] = {},
  where = surroundings,
): Promise<void> {
  const reaper = openTestReaper(where, options);
  try {
    await use(reaper);
  } finally {
    await reaper.close();
  }
}

describe('records that are pending for too long', () => {
  test('a good upload whose event was lost becomes ready, thumbnail and all', async () => {
    const id = await surroundings.addRecord();
    const put = await surroundings.bucket.put(ingestKey(id), images['image/png'], 'image/png');

    await withReaper(async ({ reap, log }) => {
      expect(await reap()).toEqual({ ...NOTHING, looked_at: 1, ready: 1 });
      expect(log.lines).toContainEqual(
        expect.objectContaining({ msg: 'image.reaped', imageId: id, outcome: 'ready' }),
      );
      expect(log.lines).toContainEqual(
        expect.objectContaining({ msg: 'image.status_changed', imageId: id, to: 'ready' }),
      );
      expect(log.lines.at(-1)).toMatchObject({ msg: 'reap.finished', ready: 1 });
      // A second run finds nothing to do, and does not touch what is served.
      expect(await reap()).toEqual(NOTHING);
    });

    expect(await surroundings.record(id)).toMatchObject({
      status: 'ready',
      versionId: put.versionId,
      width: 8,
      height: 6,
    });
    expect(await surroundings.bucket.versions(ingestKey(id))).toHaveLength(1);
    expect(await surroundings.bucket.versions(imageThumbnailKey(id))).toHaveLength(1);
  });

  test('a bad upload fails and is deleted', async () => {
    const id = await surroundings.addRecord('image/jpeg');
    await surroundings.bucket.put(ingestKey(id), images['image/png'], 'image/jpeg');

    await withReaper(async ({ reap }) => {
      expect(await reap()).toEqual({ ...NOTHING, looked_at: 1, failed: 1 });
    });

    expect(await surroundings.record(id)).toMatchObject({
      status: 'failed',
      failureReason: 'CONTENT_TYPE_MISMATCH',
    });
    expect(await surroundings.bucket.versions(ingestKey(id))).toEqual([]);
  });

  test('without any upload a record fails as never uploaded', async () => {
    const id = await surroundings.addRecord();
    // Neither a longer key nor a deleted upload is an upload.
    await surroundings.bucket.put(`uploads/${id}`, images['image/png'], 'image/png');
    await surroundings.bucket.put(ingestKey(id), images['image/png'], 'image/png');
    const [uploaded] = await surroundings.bucket.versions(ingestKey(id));
    await surroundings.bucket.deleteVersion(ingestKey(id), uploaded?.versionId ?? null);

    await withReaper(async ({ reap }) => {
      expect(await reap()).toEqual({ ...NOTHING, looked_at: 1, never_uploaded: 1 });
    });
    expect(await surroundings.record(id)).toMatchObject({
      status: 'failed',
      failureReason: 'NEVER_UPLOADED',
    });
  });

  test('a record of the earlier prefix is looked for under its own key', async () => {
    const id = newImageId();
    await surroundings.addRecord('image/png', `uploads/${id}`);
    await query(surroundings, 'UPDATE image_records SET id = $1 WHERE object_key = $2', [
      id,
      `uploads/${id}`,
    ]);
    await surroundings.bucket.put(`uploads/${id}`, images['image/png'], 'image/png');
    await withReaper(async ({ reap }) => {
      expect(await reap()).toEqual({ ...NOTHING, looked_at: 1, ready: 1 });
    });
    expect((await surroundings.record(id)).status).toBe('ready');
  });

  test('a young record is left alone, uploaded or not', async () => {
    await withReaper(async ({ reap, cutHere }) => {
      await cutHere();
      const waiting = await surroundings.addRecord();
      const uploaded = await surroundings.addRecord();
      await surroundings.bucket.put(ingestKey(uploaded), images['image/png'], 'image/png');

      expect(await reap()).toEqual(NOTHING);
      expect((await surroundings.record(waiting)).status).toBe('pending');
      expect((await surroundings.record(uploaded)).status).toBe('pending');
      expect(await surroundings.bucket.versions(ingestKey(uploaded))).toHaveLength(1);
      // The option wins over the configuration: everything is old now.
      expect(await reap({ olderThanSeconds: 0 })).toMatchObject({ ready: 1, never_uploaded: 1 });
    });
  });

  test('of several uploads the oldest counts, as if the events had come', async () => {
    const good = await surroundings.addRecord();
    const other = (await drawTinyImages(7))['image/png'];
    const first = await surroundings.bucket.put(ingestKey(good), images['image/png'], 'image/png');
    await surroundings.bucket.put(ingestKey(good), other, 'image/png');
    const bad = await surroundings.addRecord();
    await surroundings.bucket.put(ingestKey(bad), Buffer.from('no image at all'), 'image/png');
    await surroundings.bucket.put(ingestKey(bad), other, 'image/png');

    await withReaper(async ({ reap }) => {
      const dry = await reap({ dryRun: true });
      const result = await reap();
      expect(result).toEqual({
        ...NOTHING,
        looked_at: 2,
        ready: 1,
        failed: 1,
        overwrites_deleted: 2,
      });
      expect(dry).toEqual({
        ...NOTHING,
        looked_at: 2,
        would_be_validated: 2,
        overwrites_deleted: 2,
      });
    });

    expect(await surroundings.record(good)).toMatchObject({
      status: 'ready',
      versionId: first.versionId,
    });
    expect(await surroundings.bucket.versions(ingestKey(good))).toEqual([
      { key: ingestKey(good), versionId: first.versionId },
    ]);
    expect((await surroundings.record(bad)).status).toBe('failed');
    expect(await surroundings.bucket.versions(ingestKey(bad))).toEqual([]);
  });

  test('in an unversioned bucket uploads are found and settled just so', async () => {
    const unversioned = await startSurroundings({ versioned: false });
    try {
      const good = await unversioned.addRecord();
      const bad = await unversioned.addRecord();
      const put = await unversioned.bucket.put(ingestKey(good), images['image/png'], 'image/png');
      await unversioned.bucket.put(ingestKey(bad), Buffer.from('no image at all'), 'image/png');
      await unversioned.bucket.put('ingest/nobody', images['image/png'], 'image/png');

      await withReaper(
        async ({ reap }) => {
          expect(await reap()).toEqual({
            ...NOTHING,
            looked_at: 3,
            ready: 1,
            failed: 1,
            orphans_deleted: 1,
          });
          expect(await reap()).toEqual(NOTHING);
        },
        {},
        unversioned,
      );
      expect(await unversioned.record(good)).toMatchObject({
        status: 'ready',
        versionId: null,
        etag: put.etag,
      });
      expect(await unversioned.bucket.versions(ingestKey(good))).toHaveLength(1);
      expect(await unversioned.bucket.versions('ingest/nobody')).toEqual([]);
      expect(await unversioned.bucket.versions(ingestKey(bad))).toEqual([]);
    } finally {
      await unversioned.close();
    }
  });
});

describe('a run', () => {
  test('goes on after a failure, and tries again the next time', async () => {
    const broken = await surroundings.addRecord();
    const fine = await surroundings.addRecord();
    surroundings.proxies.s3.judge(({ path }) => (path.includes(broken) ? { status: 403 } : 'pass'));
    await withReaper(async ({ reap, log }) => {
      expect(await reap()).toEqual({ ...NOTHING, looked_at: 2, never_uploaded: 1, errors: 1 });
      expect(log.lines).toContainEqual(
        expect.objectContaining({ msg: 'reap.item_failed', imageId: broken }),
      );
      expect((await surroundings.record(broken)).status).toBe('pending');
      expect((await surroundings.record(fine)).status).toBe('failed');

      surroundings.proxies.s3.judge(() => 'pass');
      expect(await reap()).toEqual({ ...NOTHING, looked_at: 1, never_uploaded: 1 });
    });
  });

  test('stops when told to, after what is in work', async () => {
    for (let count = 0; count < 12; count += 1) await surroundings.addRecord();
    await withReaper(
      async ({ reap }) => {
        const stop = new AbortController();
        const result = await reap({ signal: stop.signal, onProgress: () => stop.abort() });
        expect(result).toEqual({ ...NOTHING, looked_at: 5, never_uploaded: 5 });
        expect(await reap()).toMatchObject({ never_uploaded: 7 });
      },
      { batchSize: 5 },
    );
  });

  test('rejects, with what was done in the log, when the database goes away', async () => {
    await withReaper(async ({ reap, log }) => {
      surroundings.proxies.database.goAway();
      try {
        await expect(reap()).rejects.toThrow();
      } finally {
        surroundings.proxies.database.comeBack();
      }
      expect(log.lines).toContainEqual(expect.objectContaining({ msg: 'reap.broke_off' }));
    });
  });

  test('walks 2,500 records in batches, each once', async () => {
    await query(
      surroundings,
      `INSERT INTO image_records (id, status, content_type, file_name, object_key)
       SELECT id, 'pending', 'image/png', 'a.png', 'ingest/' || id
       FROM (SELECT '01ARZ3NDEKTSV4RRFFQ69' || lpad(n::text, 5, '0') AS id
             FROM generate_series(1, 2500) n) ids`,
    );
    await withReaper(
      async ({ reap, statements }) => {
        const batches: number[] = [];
        const result = await reap({
          dryRun: true,
          onProgress: ({ what, count }) => {
            if (what === 'pending image records') batches.push(count);
          },
        });
        expect(result).toEqual({ ...NOTHING, looked_at: 2500, never_uploaded: 2500 });
        expect(batches).toEqual([700, 1400, 2100, 2500]);
        expect(statements.filter((sql) => sql.includes("status = 'pending'"))).toHaveLength(4);
      },
      { batchSize: 700 },
    );
    await query(surroundings, "DELETE FROM image_records WHERE status = 'pending'");
  });
});

test('the batches are read from the partial index, whatever the parameters', async () => {
  await query(
    surroundings,
    `INSERT INTO image_records (id, status, content_type, file_name, object_key)
     SELECT '02ARZ3NDEKTSV4RRFF' || lpad(n::text, 8, '0'),
       CASE WHEN n % 500 = 0 THEN 'pending' ELSE 'ready' END, 'image/png', 'a.png', ''
     FROM generate_series(1, 20000) n`,
  );
  await query(surroundings, 'VACUUM ANALYZE image_records');
  await withReaper(async ({ reap, statements }) => {
    await reap({ dryRun: true, olderThanSeconds: 1e9 });
    const sql = statements.find((statement) => statement.includes("status = 'pending'"));
    const plan = await planForAnyParameters(sql ?? '');
    expect(plan).toContain('image_records_pending_idx');
    expect(plan).not.toContain('Seq Scan');
    expect(plan).not.toContain('Sort');
  });
  await query(surroundings, 'DELETE FROM image_records');
});

/** The generic plan, which a named statement gets after some executions. */
async function planForAnyParameters(sql: string): Promise<string> {
  const client = new pg.Client({ connectionString: surroundings.environment.DATABASE_URL });
  await client.connect();
  try {
    await client.query('SET plan_cache_mode = force_generic_plan');
    await client.query(`PREPARE batch AS ${sql}`);
    const { rows } = await client.query("EXPLAIN EXECUTE batch('', '2020-01-01', 500)");
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  } finally {
    await client.end();
  }
}
