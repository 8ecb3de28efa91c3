import { chmod, mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { encodeTime } from 'ulid';
import { findFreePort } from '../../src/local/ports.ts';
import {
  createDatabaseIfMissing,
  type LocalPostgres,
  startPostgres,
} from '../../src/local/postgres.ts';
import { removePostgresFiles } from '../../src/local/postgres-home.ts';
import { createDatabase, type Database } from '../../src/shared/database.ts';
import { createLogger } from '../../src/shared/logger.ts';
import { applyMigrations } from '../../src/shared/migrations.ts';

const MIGRATIONS = path.resolve(import.meta.dirname, '../../prisma/migrations');
const BATCH = 50_000;

/** Two years, however many images there are. */
const OLDEST = Date.parse('2024-01-01T00:00:00Z');
const NEWEST = Date.parse('2026-01-01T00:00:00Z');

/** Loading is not measured, and nothing of it is worth surviving a power cut. */
const SETTINGS = {
  ...{ fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_wal_size: '4GB' },
  ...{ shared_buffers: '512MB', maintenance_work_mem: '512MB' },
};

/** $1 are ids and $2 the number of the first of them; $3 is how many there will be. */
const FILL = `
  INSERT INTO image_records
    (id, status, content_type, file_name, object_key, created_at, updated_at, failure_reason,
     size_bytes, version_id, etag, width, height, thumbhash, thumbnail_version_id)
  SELECT id, status,
    CASE WHEN n % 1000 = 4 THEN 'image/gif' WHEN n % 7 = 5 THEN 'image/png' ELSE 'image/jpeg' END,
    CASE WHEN n % ($3 / 5) = 77 THEN 'Needle ' || n || '.png'
      WHEN n < $3 / 5 THEN 'holiday-' || n || '.jpg'
      WHEN n % 500 = 3 THEN 'Screenshot ' || n || '.png'
      ELSE 'IMG_' || to_char(created_at, 'YYYYMMDD_HH24MISS') || '.jpg' END,
    'ingest/' || id, created_at, created_at, CASE status WHEN 'failed' THEN 'EMPTY' END,
    1234567, md5(id), md5(id || 'e'), 4032, 3024, 'H/gBBYB6fW94h5e313h31dc8j1BU', md5(id || 't')
  FROM (
    SELECT id, n, to_timestamp(time / 1000.0) AS created_at,
      CASE WHEN n % 20 = 1 AND n < $3 / 5 THEN 'failed' ELSE 'ready' END AS status
    FROM (
      SELECT id, time, $2::bigint + place AS n
      FROM unnest($1::text[], $4::float8[]) WITH ORDINALITY AS ids (id, time, place)
    ) AS numbered
  ) AS images`;

export interface ListDatabase {
  databaseUrl: string;
  client: Database;
  rows: number;
  /** The time of creation that half of the images are older than. */
  middle: Date;
  /** The ids before which there are that many images, from either end. */
  idAt(place: number): { fromNewest: string; fromOldest: string };
  close(): Promise<void>;
}

/**
 * A PostgreSQL of its own, with the table as the migrations make it and this many images in it.
 *
 * @param signal stops filling it in, which takes minutes for millions
 */
export async function startListDatabase(rows: number, signal?: AbortSignal): Promise<ListDatabase> {
  const stateDir = await mkdtemp(path.join(os.tmpdir(), 'bench-list-'));
  // PostgreSQL may have to run as another user, who passes through here.
  await chmod(stateDir, 0o711);
  // Any: of two benches at once, both would find the same one free.
  const port = await findFreePort(0);
  const postgres = await startPostgres({ stateDir, port, settings: SETTINGS });
  const logger = createLogger({ name: 'bench', level: 'error' });
  const databaseUrl = postgres.url('bench');
  const client = createDatabase({ databaseUrl, poolSize: 1, logger });

  async function close(): Promise<void> {
    await client.$disconnect();
    await postgres.stop();
    await removePostgresFiles(stateDir);
  }

  try {
    await fill(postgres, rows, signal);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    databaseUrl,
    client,
    rows,
    middle: new Date(timeOf(rows / 2, rows)),
    idAt: (place) => ({
      fromNewest: idOf(rows - Math.floor(place), rows),
      fromOldest: idOf(Math.floor(place) + 1, rows),
    }),
    close,
  };
}

async function fill(
  postgres: LocalPostgres,
  rows: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  await createDatabaseIfMissing(postgres, 'bench');
  const databaseUrl = postgres.url('bench');
  await applyMigrations({ databaseUrl, directory: MIGRATIONS });
  const sql = new pg.Client({ connectionString: databaseUrl });
  try {
    await sql.connect();
    // An index is made much faster at once than row by row.
    const indexes = await sql.query<{ name: string; definition: string }>(
      `SELECT indexname AS name, indexdef AS definition FROM pg_indexes
       WHERE tablename = 'image_records' AND indexname <> 'image_records_pkey'`,
    );
    for (const { name } of indexes.rows) await sql.query(`DROP INDEX ${name}`);
    for (let start = 0; start < rows; start += BATCH) {
      signal?.throwIfAborted();
      const numbers = Array.from(
        { length: Math.min(BATCH, rows - start) },
        (_, n) => start + n + 1,
      );
      const ids = numbers.map((n) => idOf(n, rows));
      await sql.query(FILL, [ids, start, rows, numbers.map((n) => timeOf(n, rows))]);
    }
    for (const { definition } of indexes.rows) {
      signal?.throwIfAborted();
      await sql.query(definition);
    }
    await sql.query('VACUUM ANALYZE image_records');
  } finally {
    await sql.end();
  }
}

/** Of the n-th oldest, from 1. */
function timeOf(n: number, rows: number): number {
  return Math.floor(OLDEST + ((NEWEST - OLDEST) * n) / rows);
}

function idOf(n: number, rows: number): string {
  return encodeTime(timeOf(n, rows)) + String(n).padStart(16, '0');
}
