import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startCommand } from '../support/command-process.ts';
import { eventually } from '../support/eventually.ts';
import type { Verdict } from '../support/http-proxy.ts';
import { query } from '../support/reaper.ts';
import { type Surroundings, startSurroundings } from '../support/surroundings.ts';
import { drawTinyImages, type TinyImages } from '../support/tiny-images.ts';

const ENTRY = path.resolve(import.meta.dirname, '../../src/start/audit.ts');
const OBJECTS = 8;

let images: TinyImages;
let surroundings: Surroundings;
let directory: string;

beforeAll(async () => {
  images = await drawTinyImages();
  surroundings = await startSurroundings({ notify: false });
  directory = await mkdtemp(path.join(os.tmpdir(), 'audit-process-'));
});

/** Half of them lie. */
beforeEach(async () => {
  for (let n = 0; n < OBJECTS; n += 1) {
    const claimed = n % 2 === 0 ? 'image/jpeg' : 'image/png';
    await surroundings.bucket.put(`a/${n}.png`, images['image/png'], claimed);
  }
});

afterEach(async () => {
  surroundings.proxies.s3.judge(() => 'pass');
  await query(surroundings, 'DELETE FROM format_audit_jobs');
});

afterAll(async () => {
  await rm(directory, { recursive: true });
  await surroundings.close();
});

const start = (args: string[], environment: Record<string, string | undefined> = {}) =>
  startCommand(ENTRY, args, { ...surroundings.environment, ...environment });
const run = (...args: string[]) => start(args).ended;
const idIn = (text: string) => /mig_\d{8}_\d{3}/.exec(text)?.[0] ?? '';
const copies = () => surroundings.proxies.s3.passed.filter(({ method }) => method === 'PUT').length;

test('a dry run, then the real one: table, report, and the same numbers', async () => {
  const report = path.join(directory, 'report.csv');
  const before = copies();
  const dry = await run('--stage', '1', '--dry-run', '--prefix', 'a/', '--report', report);
  const id = idIn(dry.stdout);
  expect(dry).toEqual({
    status: 0,
    stdout: [
      `${id}: stage 1, completed`,
      'Dry run: nothing was changed.',
      'looked at                              8',
      'would be given the right Content-Type  4',
      'right already                          4',
      'skipped                                0',
      'errors                                 0',
      '',
    ].join('\n'),
    stderr: `${id}: stage 1, dry run\n`,
  });
  expect(copies()).toBe(before);
  const lines = [0, 2, 4, 6].map((n) => `a/${n}.png,image/jpeg,image/png\r\n`);
  expect(await readFile(report, 'utf8')).toBe(`key,from,to\r\n${lines.join('')}`);

  const real = await run('--stage', '1', '--prefix', 'a/', '--json', '--report', report);
  expect(real.status).toBe(0);
  expect(JSON.parse(real.stdout)).toMatchObject({
    ...{ status: 'completed', stage: 1, dry_run: false, prefix: 'a/', limit: null },
    stats: { processed: 8, fixed: 4, already_correct: 4, errors: 0 },
  });
  expect(await readFile(report, 'utf8')).toBe(`key,from,to\r\n${lines.join('')}`);
  expect(await run('--stage', '1', '--limit', '3', '--json')).toMatchObject({
    stdout: expect.stringContaining('"processed":3,"fixed":0,"already_correct":3'),
  });
});

test('what is left as it is, and why, in a report of its own, however much it is', async () => {
  // More than the job itself keeps.
  const texts = Array.from({ length: 101 }, (_, n) => `c/text-${String(n).padStart(3, '0')}.jpg`);
  for (const key of texts) {
    await surroundings.bucket.put(key, Buffer.from('just some text'), 'image/jpeg');
  }
  surroundings.proxies.s3.judge(({ path: url }) =>
    url.includes('/c/text-050.jpg') ? { status: 403 } : 'pass',
  );
  const report = path.join(directory, 'left.csv');
  const args = ['--stage', '1', '--prefix', 'c/', '--json', '--report-left', report];
  const { status, stdout } = await run(...args);
  expect(status).toBe(1);
  const job = JSON.parse(stdout);
  expect(job.stats).toMatchObject({ processed: 101, skipped: 100, errors: 1 });
  const lines = texts.map((key) =>
    key.endsWith('050.jpg')
      ? `${key},errors,the store answered 403`
      : `${key},skipped,its bytes are of no known image format`,
  );
  expect(await readFile(report, 'utf8')).toBe(
    `${['key,outcome,reason', ...lines].join('\r\n')}\r\n`,
  );
  expect(job.errors).toEqual([{ key: 'c/text-050.jpg', reason: 'the store answered 403' }]);
});

/** More than are in work at a time. */
const MANY = 40;

/** Starts a run that has to wait in the middle of its page, with two objects done. */
async function startAndHold() {
  for (let n = 0; n < MANY; n += 1) {
    await surroundings.bucket.put(`b/${n}.png`, images['image/png'], 'image/jpeg');
  }
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let changed = 0;
  const judge = async ({ method }: { method: string }): Promise<Verdict> => {
    if (method === 'PUT') changed += 1;
    if (method === 'PUT' && changed > 2) await held;
    return 'pass';
  };
  surroundings.proxies.s3.judge(judge);
  const running = start(['--stage', '1', '--prefix', 'b/', '--json']);
  await eventually(() => expect(changed).toBeGreaterThan(2));
  return { ...running, release };
}

test('Ctrl-C cancels it, what was in work is counted, and it goes on from there', async () => {
  const { child, ended, said, release } = await startAndHold();
  child.kill('SIGINT');
  await eventually(() => expect(said()).toContain('Stopping.'));
  release();
  const { status, stdout, stderr } = await ended;
  const job = JSON.parse(stdout);
  expect(status).toBe(130);
  expect(job.status).toBe('cancelled');
  expect(job.stats.fixed).toBeGreaterThan(2);
  expect(job.stats.processed).toBeLessThan(MANY);
  expect(stderr).toContain(`Go on with it: npm run audit -- --resume ${job.job_id}\n`);

  const report = path.join(directory, 'resumed.csv');
  const again = await run('--resume', job.job_id, '--json', '--report', report);
  expect(again.status).toBe(0);
  expect(JSON.parse(again.stdout)).toMatchObject({
    ...{ job_id: job.job_id, status: 'completed' },
    stats: { processed: MANY, fixed: MANY, already_correct: 0 },
  });
  expect((await readFile(report, 'utf8')).trim().split('\r\n')).toHaveLength(1 + MANY);
});

test('killed in the middle of a page, --resume comes to the numbers of an undisturbed run', async () => {
  const { child, ended, said, release } = await startAndHold();
  await eventually(() => expect(idIn(said())).not.toBe(''));
  const id = idIn(said());
  child.kill('SIGKILL');
  await ended;
  release();
  const report = path.join(directory, 'killed.csv');
  const next = start(['--resume', id, '--json', '--report', report]);
  // Its lease is not over yet.
  await eventually(() => expect(next.said()).toContain('Another process has it.'));
  await query(surroundings, "UPDATE format_audit_jobs SET lease_until = now() - interval '1 s'");
  const { status, stdout } = await next.ended;
  expect(status).toBe(0);
  // What the killed process had changed is right by now, and is its work all the same.
  expect(JSON.parse(stdout).stats).toMatchObject({
    ...{ processed: MANY, fixed: MANY, already_correct: 0, errors: 0 },
  });
  const [, ...lines] = (await readFile(report, 'utf8')).trim().split('\r\n');
  expect(lines).toHaveLength(MANY);
  for (const line of lines) expect(line).toMatch(/^b\/\d+\.png,image\/jpeg,image\/png$/);
});

test('what cannot be done is said in a line or two', async () => {
  expect(await run('--stage', '4')).toEqual({
    status: 2,
    stdout: '',
    stderr: '--stage takes 1, 2 or 3\nSee npm run audit -- --help\n',
  });
  const unknown = { status: 1, stdout: '', stderr: 'audit job not found\n' };
  expect(await run('--resume', 'mig_20260120_001')).toEqual(unknown);
  const unwritable = await run('--stage', '1', '--report', path.join(directory, 'no', 'r.csv'));
  expect(unwritable).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^ENOENT: no such/),
  });
  expect(await query(surroundings, 'SELECT FROM format_audit_jobs')).toEqual([]);
});

test('without a database it says which setting is missing', async () => {
  expect(await start(['--stage', '1'], { DATABASE_URL: undefined }).ended).toEqual({
    status: 1,
    stdout: '',
    stderr:
      'The configuration is not usable:\n  DATABASE_URL is missing (or DATABASE_URL_SECRET_ID)\n',
  });
});
