import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import { applyMigrations } from '../../src/shared/migrations.ts';
import { createEmptyDatabase, type TestDatabase } from '../support/database.ts';

let directory: string;
let database: TestDatabase;

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'migrations-'));
  database = await createEmptyDatabase();
});

afterEach(async () => {
  await database.drop();
  await rm(directory, { recursive: true });
});

async function write(name: string, sql: string): Promise<void> {
  await mkdir(path.join(directory, name), { recursive: true });
  await writeFile(path.join(directory, name, 'migration.sql'), sql);
}

function apply(): Promise<string[]> {
  return applyMigrations({ databaseUrl: database.url, directory });
}

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: database.url });
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('applies in the order of names, once', async () => {
  await write('2_rows', 'INSERT INTO a VALUES (1); INSERT INTO a VALUES (2) -- no semicolon');
  await write('1_table', 'CREATE TABLE a (n INT);');
  await writeFile(path.join(directory, 'migration_lock.toml'), 'provider = "postgresql"');
  expect(await apply()).toEqual(['1_table', '2_rows']);
  expect(await apply()).toEqual([]);
  await write('3_more', 'INSERT INTO a VALUES (3);');
  expect(await apply()).toEqual(['3_more']);
  expect(await query('SELECT n FROM a ORDER BY n')).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
});

test('leaves the rows that prisma migrate deploy would', async () => {
  await write('1_table', 'CREATE TABLE a (n INT);');
  await apply();
  const rows = await query(
    `SELECT migration_name, checksum, logs, rolled_back_at, applied_steps_count,
            length(id) AS id_length, finished_at >= started_at AS finished
     FROM _prisma_migrations`,
  );
  expect(rows).toEqual([
    {
      migration_name: '1_table',
      // sha256sum of the file
      checksum: 'c299c3df8a167b9dc08d58fffc5734344e82331fc70b0666ea302ec0244cb1ef',
      logs: null,
      rolled_back_at: null,
      applied_steps_count: 1,
      id_length: 36,
      finished: true,
    },
  ]);
});

test('runs in parallel are safe', async () => {
  await write('1_slow', 'CREATE TABLE a (n INT); SELECT pg_sleep(0.2); INSERT INTO a VALUES (1);');
  const results = await Promise.all([apply(), apply(), apply()]);
  expect(results.flat()).toEqual(['1_slow']);
  expect(await query('SELECT n FROM a')).toEqual([{ n: 1 }]);
});

test('a failing migration is undone, recorded, and stops this and every later run', async () => {
  await write('1_good', 'CREATE TABLE a (n INT);');
  await write('2_bad', 'CREATE TABLE b (n INT); INSERT INTO nowhere VALUES (1);');
  await write('3_never', 'CREATE TABLE c (n INT);');
  await expect(apply()).rejects.toThrow(/Migration 2_bad failed: .*nowhere/);
  expect(
    await query(
      `SELECT migration_name, finished_at IS NULL AS failed, logs, applied_steps_count AS steps
       FROM _prisma_migrations ORDER BY started_at`,
    ),
  ).toEqual([
    { migration_name: '1_good', failed: false, logs: null, steps: 1 },
    { migration_name: '2_bad', failed: true, logs: expect.stringContaining('nowhere'), steps: 0 },
  ]);
  expect(await query(`SELECT to_regclass('b') AS b, to_regclass('c') AS c`)).toEqual([
    { b: null, c: null },
  ]);

  await write('2_bad', 'CREATE TABLE b (n INT);');
  await expect(apply()).rejects.toThrow(/Migration 2_bad failed earlier/);

  // What `prisma migrate resolve --rolled-back 2_bad` does.
  await query(`UPDATE _prisma_migrations SET rolled_back_at = now() WHERE finished_at IS NULL`);
  expect(await apply()).toEqual(['2_bad', '3_never']);
});

test('names the migration that was edited after it was applied, before applying anything', async () => {
  await write('1_table', 'CREATE TABLE a (n INT);');
  await apply();
  await write('1_table', 'CREATE TABLE a (n BIGINT);');
  await write('2_new', 'CREATE TABLE b (n INT);');
  await expect(apply()).rejects.toThrow(/Migration 1_table was edited/);
  expect(await query(`SELECT to_regclass('b') AS b`)).toEqual([{ b: null }]);
});

test('line endings that git changed are no edit', async () => {
  await write('1_table', 'CREATE TABLE a (n INT);\nCREATE TABLE b (n INT);\n');
  await apply();
  await write('1_table', 'CREATE TABLE a (n INT);\r\nCREATE TABLE b (n INT);\r\n');
  expect(await apply()).toEqual([]);
});

test('what only runs outside a transaction runs on its own', async () => {
  await write('1_table', 'CREATE TABLE a (n INT);');
  await write('2_index', 'CREATE INDEX CONCURRENTLY a_n ON a (n);');
  expect(await apply()).toEqual(['1_table', '2_index']);
});

test('a run cut short leaves nothing, and the next begins again', async () => {
  await write('1_slow', 'CREATE TABLE a (n INT); SELECT pg_terminate_backend(pg_backend_pid());');
  await expect(apply()).rejects.toThrow(/1_slow failed/);
  await write('1_slow', 'CREATE TABLE a (n INT);');
  expect(await apply()).toEqual(['1_slow']);
});

test('a directory without its migration.sql is an error that names it', async () => {
  await mkdir(path.join(directory, '1_empty'));
  await expect(apply()).rejects.toThrow('Migration 1_empty has no readable migration.sql.');
});
