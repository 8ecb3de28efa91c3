import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { startCommand } from '../support/command-process.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { openWishlistTable, type WishlistTable } from '../support/wishlist.ts';

const ENTRY = path.resolve(import.meta.dirname, '../../src/start/wishlist-normalize.ts');
const S3 = 'https://my-bucket.s3.amazonaws.com/uploads/wishlist';

let testDatabase: TestDatabase;
let table: WishlistTable;
let sql: pg.Client;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  table = openWishlistTable(testDatabase.url);
  sql = new pg.Client({ connectionString: testDatabase.url });
  await sql.connect();
});

afterEach(() => table.clear());

afterAll(async () => {
  await sql.end();
  await table.close();
  await testDatabase.drop();
});

const start = (args: string[], environment: Record<string, string | undefined> = {}) =>
  startCommand(ENTRY, args, {
    DATABASE_URL: testDatabase.url,
    AWS_REGION: 'eu-central-1',
    S3_INPUT_BUCKET: 'my-bucket',
    ...environment,
  });
const run = (...args: string[]) => start(args).ended;

const legacy = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ imageUrl: `${S3}/${n}.jpg` }));

async function keys(): Promise<number> {
  const { rows } = await sql.query('SELECT count(image_key)::int AS keys FROM wishlist_items');
  return rows[0]?.keys;
}

test('a dry run prints what would happen and changes nothing', async () => {
  await table.add(...legacy(2), { imageUrl: 'https://example.com/1.jpg' });
  expect(await run('--dry-run')).toEqual({
    status: 0,
    stderr: '',
    stdout: [
      'Dry run: nothing was changed.',
      'looked at                                   3',
      'would be given their key                    2',
      'left: in another bucket                     0',
      'left: on another site                       1',
      'left: no URL                                0',
      'left: not under uploads/wishlist/           0',
      'left: our bucket, but no usable key         0',
      'left: a plus sign that S3 reads as a space  0',
      'left: one version of an object              0',
      'left: changed meanwhile                     0',
      '',
    ].join('\n'),
  });
  expect(await keys()).toBe(0);

  const { status, stdout, stderr } = await run('--json');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ looked_at: 3, normalized: 2, other_site: 1 });
  expect(await keys()).toBe(2);
});

/** Starts a run of ten a batch that has to wait in its third one, until told to go on. */
async function startAndHold() {
  const ids = await table.add(...legacy(50));
  await sql.query('BEGIN');
  await sql.query('SELECT FROM wishlist_items WHERE id = $1 FOR UPDATE', [ids[25]]);
  const process = start(['--batch', '10', '--json']);
  // Seen from outside: this connection's view of the others stands still within its transaction.
  const watcher = new pg.Client({ connectionString: testDatabase.url });
  await watcher.connect();
  const isWaiting = async () => {
    const { rows } = await watcher.query(
      `SELECT count(*)::int AS waiting FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return rows[0]?.waiting;
  };
  await eventually(async () => expect(await isWaiting()).toBe(1));
  return {
    ...process,
    async release() {
      await sql.query('ROLLBACK');
      await eventually(async () => expect(await isWaiting()).toBe(0));
      await watcher.end();
    },
  };
}

test('Ctrl-C finishes the batch in work and prints what was done', async () => {
  const { child, ended, said, release } = await startAndHold();
  child.kill('SIGINT');
  await eventually(() => expect(said()).toContain('Finishing'));
  await release();
  const { status, stdout, stderr } = await ended;
  expect(status).toBe(130);
  expect(JSON.parse(stdout)).toMatchObject({ looked_at: 30, normalized: 30 });
  expect(stderr).toBe(
    'Finishing what is in work.\nInterrupted: the rest is left to the next run.\n',
  );
  expect(await keys()).toBe(30);
});

test('killed half-way, the next run goes on with what is left', async () => {
  const { child, ended, release } = await startAndHold();
  child.kill('SIGKILL');
  await ended;
  await release();
  // The third batch may have been with the database already: all of it, or nothing.
  const done = await keys();
  expect([20, 30]).toContain(done);
  const { status, stdout } = await run('--batch', '10', '--json');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ looked_at: 50 - done, normalized: 50 - done });
  expect(await keys()).toBe(50);
});

test('what is wrong with arguments, configuration or surroundings is said in a line or two', async () => {
  expect(await run('--help')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('--batch N'),
    stderr: '',
  });
  for (const batch of ['0', 'many', '10001', '1.5']) {
    expect(await run('--batch', batch)).toEqual({
      status: 2,
      stdout: '',
      stderr:
        '--batch takes a whole number from 1 to 10000\nSee npm run wishlist:normalize -- --help\n',
    });
  }
  expect(await run('--wet-run')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("Unknown option '--wet-run'"),
  });
  const unset = await start([], { DATABASE_URL: undefined, S3_INPUT_BUCKET: undefined }).ended;
  expect(unset).toEqual({
    status: 1,
    stdout: '',
    stderr:
      'The configuration is not usable:\n  DATABASE_URL is missing (or DATABASE_URL_SECRET_ID)\n  S3_INPUT_BUCKET is missing\n',
  });
  const away = await start([], { DATABASE_URL: 'postgres://a:secret@127.0.0.1:1/a' }).ended;
  expect(away).toMatchObject({ status: 1, stdout: '' });
  expect(away.stderr).not.toBe('');
  expect(away.stderr).not.toContain('secret');
  expect(away.stderr).not.toContain('/src/');
});
