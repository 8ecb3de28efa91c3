import type { Database } from '../../src/shared/database.ts';
import type { Bench, BenchRow } from '../kit/bench.ts';
import { tell } from '../kit/rows.ts';
import { startListDatabase } from '../list/list-database.ts';

/** As the table is after a restore: every index made at once. */
const RESTORED_ROWS = 1_000_000;
/** Enough for the share of dead rows to settle; each is written twice, through all indexes. */
const LIVED_ROWS = 100_000;
const BATCH = 1_000;
/** How many batches are pending at a time. */
const PENDING_BATCHES = 3;
/** Autovacuum comes at a fifth of dead rows; here by count, so that no run depends on its clock. */
const VACUUM_EVERY_BATCHES = 20;

interface Part {
  name: string;
  bytes: number;
}

/** What an image takes in the database: `npm run bench -- database-size`. */
export const databaseSizeBench: Bench = {
  name: 'database-size',
  title: 'Bytes of the database for each image: the row and each of its indexes',

  async run({ progress, signal }) {
    progress(`filling in ${RESTORED_ROWS} images`);
    const restored = await measure(RESTORED_ROWS, async () => {}, signal);
    progress(`writing ${LIVED_ROWS} images as the service does`);
    const lived = await measure(LIVED_ROWS, live, signal);
    return {
      rows: [
        ...toRows(`${RESTORED_ROWS} restored`, restored, RESTORED_ROWS),
        ...toRows(`${LIVED_ROWS} as lived`, lived, LIVED_ROWS),
      ],
      notes: [
        'Restored: every index was made at once. As lived: each image was inserted as pending, ' +
          'in order of id, and updated to ready or failed a little later, with vacuum at a fifth of dead rows.',
      ],
    };
  },
};

async function measure(
  rows: number,
  age: (client: Database) => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<Part[]> {
  const database = await startListDatabase(rows, signal);
  try {
    await age(database.client);
    return await sizes(database.client);
  } finally {
    await database.close();
  }
}

async function sizes(client: Database): Promise<Part[]> {
  const parts = await client.$queryRaw<{ name: string; bytes: bigint }[]>`
    SELECT 'the rows' AS name, pg_table_size('image_records') AS bytes
    UNION ALL
    SELECT indexrelid::regclass::text, pg_relation_size(indexrelid)
    FROM pg_index WHERE indrelid = 'image_records'::regclass
    ORDER BY name`;
  return parts.map(({ name, bytes }) => ({ name, bytes: Number(bytes) }));
}

/** Writes the same images once more, the way that they come to be in production. */
async function live(client: Database): Promise<void> {
  await client.$executeRaw`CREATE UNLOGGED TABLE told AS SELECT * FROM image_records`;
  await client.$executeRaw`CREATE UNIQUE INDEX told_id ON told (id)`;
  await client.$executeRaw`TRUNCATE image_records`;
  const ids = await client.$queryRaw<{ id: string }[]>`SELECT id FROM told ORDER BY id`;
  const batches = Math.ceil(ids.length / BATCH);
  for (let batch = 0; batch < batches + PENDING_BATCHES; batch += 1) {
    await insertPending(client, idsOf(ids, batch));
    await settle(client, idsOf(ids, batch - PENDING_BATCHES));
    if (batch % VACUUM_EVERY_BATCHES === 0) await client.$executeRaw`VACUUM image_records`;
  }
}

function idsOf(ids: readonly { id: string }[], batch: number): string[] {
  return batch < 0 ? [] : ids.slice(batch * BATCH, (batch + 1) * BATCH).map(({ id }) => id);
}

async function insertPending(client: Database, ids: string[]): Promise<void> {
  await client.$executeRaw`
    INSERT INTO image_records (id, status, content_type, file_name, object_key, created_at, updated_at)
    SELECT id, 'pending', content_type, file_name, object_key, created_at, updated_at
    FROM told WHERE id = ANY(${ids}) ORDER BY id`;
}

async function settle(client: Database, ids: string[]): Promise<void> {
  await client.$executeRaw`
    UPDATE image_records AS mine SET
      status = told.status, failure_reason = told.failure_reason, size_bytes = told.size_bytes,
      version_id = told.version_id, etag = told.etag, width = told.width, height = told.height,
      thumbhash = told.thumbhash, thumbnail_version_id = told.thumbnail_version_id
    FROM told WHERE told.id = mine.id AND mine.id = ANY(${ids})`;
}

function toRows(what: string, parts: readonly Part[], rows: number): BenchRow[] {
  const all = { name: 'in all', bytes: parts.reduce((sum, { bytes }) => sum + bytes, 0) };
  return [...parts, all].map(({ name, bytes }) =>
    tell(`${what}: ${name}`, 'bytes an image', bytes / rows),
  );
}
