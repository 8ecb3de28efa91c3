import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from '@jest/globals';
import pg from 'pg';
import { ulid } from 'ulid';
import { applyMigrations } from '../../src/shared/migrations.ts';
import { createEmptyDatabase } from '../support/database.ts';

const MIGRATIONS = path.resolve(import.meta.dirname, '../../prisma/migrations');

/** The migrations before this one, in a directory of their own. */
async function copyMigrationsBefore(name: string): Promise<string> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'migrations-'));
  for (const each of await readdir(MIGRATIONS)) {
    if (each >= name) continue;
    await cp(path.join(MIGRATIONS, each), path.join(directory, each), { recursive: true });
  }
  return directory;
}

test('images that were there before are created at the time in their ids', async () => {
  const database = await createEmptyDatabase();
  const earlier = await copyMigrationsBefore('20261121030000');
  const client = new pg.Client({ connectionString: database.url });
  try {
    await client.connect();
    await applyMigrations({ databaseUrl: database.url, directory: earlier });
    const times = [
      '1970-01-01T00:00:00.001Z',
      '2026-02-22T10:00:00.123Z',
      '9999-12-31T23:59:59.999Z',
    ];
    for (const time of times) {
      await client.query(
        `INSERT INTO image_records (id, status, content_type, file_name, object_key, created_at)
         VALUES ($1, 'pending', 'image/png', 'x', 'y', $2::timestamptz + interval '7 ms')`,
        [ulid(Date.parse(time)), time],
      );
    }
    await applyMigrations({ databaseUrl: database.url, directory: MIGRATIONS });
    const { rows } = await client.query('SELECT created_at FROM image_records ORDER BY id');
    expect(rows.map(({ created_at: at }) => at.toISOString())).toEqual(times);
  } finally {
    await client.end();
    await database.drop();
    await rm(earlier, { recursive: true });
  }
});
