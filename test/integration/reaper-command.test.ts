import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { ingestKey } from '../../src/domain/object-keys.ts';
import { newImageId } from '../../src/shared/image-ids.ts';
import { startCommand } from '../support/command-process.ts';
import { query } from '../support/reaper.ts';
import { type Surroundings, startSurroundings } from '../support/surroundings.ts';
import { drawTinyImages } from '../support/tiny-images.ts';

const ENTRY = path.resolve(import.meta.dirname, '../../src/start/reap.ts');

let surroundings: Surroundings;
let image: Buffer;

beforeAll(async () => {
  image = (await drawTinyImages())['image/png'];
  surroundings = await startSurroundings();
});

afterEach(async () => {
  surroundings.proxies.s3.judge(() => 'pass');
  await query(surroundings, 'DELETE FROM image_records');
});

afterAll(async () => {
  await surroundings.close();
});

const start = (args: string[], environment: Record<string, string | undefined> = {}) =>
  startCommand(ENTRY, args, { ...surroundings.environment, ...environment });
const run = (...args: string[]) => start(args).ended;

test('a dry run prints what would happen and changes nothing', async () => {
  const waiting = await surroundings.addRecord();
  const uploaded = await surroundings.addRecord();
  await surroundings.bucket.put(ingestKey(uploaded), image, 'image/png');
  await surroundings.bucket.put(ingestKey(newImageId()), image, 'image/png');

  const dry = await run('--dry-run', '--older-than', '0');
  expect(dry).toEqual({
    status: 0,
    stderr: '',
    stdout: [
      'Dry run: nothing was changed.',
      'looked at                    3',
      'would be validated           1',
      'would fail, never uploaded   1',
      'orphans would be deleted     1',
      'overwrites would be deleted  0',
      'errors                       0',
      '',
    ].join('\n'),
  });
  expect((await surroundings.record(waiting)).status).toBe('pending');
  expect((await surroundings.record(uploaded)).status).toBe('pending');

  const real = await run('--older-than', '0', '--json');
  expect({ ...real, stdout: JSON.parse(real.stdout) }).toEqual({
    status: 0,
    stderr: '',
    stdout: {
      looked_at: 3,
      ready: 1,
      failed: 0,
      never_uploaded: 1,
      orphans_deleted: 1,
      overwrites_deleted: 0,
      errors: 0,
      would_be_validated: 0,
    },
  });
  expect((await surroundings.record(uploaded)).status).toBe('ready');
});

test('by default only what is older than INGEST_PENDING_TTL_SECS is looked at', async () => {
  const young = await surroundings.addRecord();
  const old = await surroundings.addRecord();
  await query(
    surroundings,
    "UPDATE image_records SET created_at = now() - interval '90 minutes' WHERE id = $1",
    [old],
  );
  expect(JSON.parse((await run('--json')).stdout)).toMatchObject({ looked_at: 0 });
  const { ended } = start(['--json'], { INGEST_PENDING_TTL_SECS: '3600' });
  expect(JSON.parse((await ended).stdout)).toMatchObject({ looked_at: 1, never_uploaded: 1 });
  expect((await surroundings.record(young)).status).toBe('pending');
});

test('errors make it end with 1, numbers and all', async () => {
  const broken = await surroundings.addRecord();
  await surroundings.addRecord();
  surroundings.proxies.s3.judge(({ path: url }) =>
    url.includes(broken) ? { status: 403 } : 'pass',
  );
  const { status, stdout, stderr } = await run('--older-than', '0');
  expect(status).toBe(1);
  expect(stdout).toMatch(/^failed, never uploaded +1$/m);
  expect(stdout).toMatch(/^errors +1$/m);
  expect(JSON.parse(stderr)).toMatchObject({ msg: 'reap.item_failed', imageId: broken });
});

test('Ctrl-C finishes what is in work and prints what was done', async () => {
  for (let count = 0; count < 20; count += 1) await surroundings.addRecord();
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  surroundings.proxies.s3.judge(async () => {
    reach();
    await gate;
    return 'pass' as const;
  });
  const { child, ended } = start(['--older-than', '0', '--json']);
  const told = new Promise<void>((resolve) => {
    child.stderr.on('data', (chunk) => {
      if (String(chunk).includes('Finishing')) resolve();
    });
  });
  await reached;
  child.kill('SIGINT');
  await told;
  open();
  const { status, stdout, stderr } = await ended;
  expect(status).toBe(130);
  expect(JSON.parse(stdout)).toMatchObject({ looked_at: 4, never_uploaded: 4, errors: 0 });
  expect(stderr).toBe(
    'Finishing what is in work.\nInterrupted: the rest is left to the next run.\n',
  );
});

test('what is wrong with arguments, configuration or surroundings is said in a line or two', async () => {
  expect(await run('--help')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('--older-than SECONDS'),
  });
  expect(await run('--older-than', 'soon')).toEqual({
    status: 2,
    stdout: '',
    stderr: '--older-than takes a whole number of seconds\nSee npm run reap -- --help\n',
  });
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
  const away = await start([], {
    LOG_LEVEL: 'silent',
    DATABASE_URL: 'postgres://a:secret@127.0.0.1:1/a',
  }).ended;
  expect(away).toMatchObject({ status: 1, stdout: '' });
  expect(away.stderr).not.toBe('');
  expect(away.stderr).not.toContain('secret');
  expect(away.stderr).not.toContain('/src/');
});
