import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { type Api, startApi } from '../../src/app/api.ts';
import { createAuditJobs } from '../../src/app/audit.ts';
import { createDeps, type Deps } from '../../src/app/deps.ts';
import { startWorker, type Worker } from '../../src/app/worker.ts';
import { loadWorkerConfig } from '../../src/shared/config.ts';
import { createJobRunner, type JobRunner } from '../../src/shared/jobs.ts';
import { type FakeStages, fakeStages, statsOf } from '../support/audit.ts';
import { apiConfig } from '../support/config.ts';
import { eventually } from '../support/eventually.ts';
import { type CapturedLog, captureLog } from '../support/log.ts';
import { query } from '../support/reaper.ts';
import { type Surroundings, startSurroundings } from '../support/surroundings.ts';
import { drawTinyImages, type TinyImages } from '../support/tiny-images.ts';

/** The real API and real runners, and between them the real queue of jobs. */

const TOKEN = 'token-of-the-operators';
const RUNNER = path.resolve(import.meta.dirname, '../support/audit-runner.ts');
/** Never due while a test runs: sweeps are sent by hand. */
const NEXT_YEAR = '0 0 1 1 *';

interface JobBody {
  job_id: string;
  status: string;
  stats: Record<string, number>;
  failed_attempts: number;
}

let images: TinyImages;
let surroundings: Surroundings;
let api: Api;
let log: CapturedLog;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  images = await drawTinyImages();
});

beforeEach(async () => {
  surroundings = await startSurroundings({ notify: false });
  log = captureLog();
  const config = apiConfig({
    DATABASE_URL: surroundings.environment.DATABASE_URL,
    DATABASE_POOL_SIZE: '1',
    ADMIN_TOKEN: TOKEN,
  });
  api = await startApi(config, { logger: log.logger });
});

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await api.close();
  await surroundings.close();
});

async function call(method: string, suffix = '', body?: object): Promise<JobBody> {
  const url = `http://127.0.0.1:${api.port}/api/v1/admin/migrate-image-formats${suffix}`;
  const response = await fetch(url, {
    method,
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: body ? JSON.stringify(body) : null,
  });
  expect([200, 202]).toContain(response.status);
  return (await response.json()) as JobBody;
}

const start = (body: object = { stage: 1 }) => call('POST', '', body);
const show = (id: string) => call('GET', `/${id}`);
const reached = (id: string, expected: object) =>
  eventually(async () => expect(await show(id)).toMatchObject(expected));

async function startTestWorker(): Promise<Worker> {
  const config = loadWorkerConfig({
    ...surroundings.environment,
    AUDIT_SWEEP_CRON: NEXT_YEAR,
    SHUTDOWN_TIMEOUT_SECS: '5',
  });
  const worker = startWorker(config, { logger: log.logger });
  closing.push(() => worker.close());
  await log.find(({ msg }) => msg === 'jobs.started');
  return worker;
}

/** A worker's half of it, with stages that are not the real ones. */
async function startRunner(stages: FakeStages): Promise<JobRunner & { deps: Deps }> {
  const runnerLog = captureLog();
  const { logger } = runnerLog;
  const config = loadWorkerConfig(surroundings.environment);
  const deps = createDeps(config, { logger });
  const audit = createAuditJobs(NEXT_YEAR, deps, stages.auditOnePage, {
    checkSeconds: 0.1,
    turnSeconds: 0,
  });
  const { DATABASE_URL: databaseUrl } = config;
  const runner = createJobRunner({
    ...{ databaseUrl, migrate: true, logger, pollSeconds: 0.5 },
    jobs: [audit.sweep],
    queues: [audit.queue],
  });
  runner.start();
  closing.push(async () => {
    await runner.stop(5);
    await deps.close();
  });
  await runnerLog.find(({ msg }) => msg === 'jobs.started');
  return { ...runner, deps };
}

const waiting = () =>
  query<{ state: string }>(
    surroundings,
    "SELECT state FROM pgboss.job WHERE name = 'run-format-audit' AND state < 'active'",
  );

const sendSweep = () =>
  query(
    surroundings,
    "INSERT INTO pgboss.job (name, policy) VALUES ('sweep-format-audits', 'exclusive')",
  );

test('a job that REST starts is done by a worker, over the real bucket', async () => {
  await surroundings.bucket.put('a/1.jpg', images['image/png'], 'image/jpeg');
  await surroundings.bucket.put('a/2.png', images['image/png'], 'image/png');
  await startTestWorker();
  const { job_id } = await start({ stage: 1 });
  await reached(job_id, {
    status: 'completed',
    stats: { processed: 2, fixed: 1, already_correct: 1, errors: 0 },
  });
  const { msg, ...fields } = await log.find((line) => line.msg === 'audit.page_done');
  expect(fields).toMatchObject({ jobId: job_id, stage: 1, processed: 2, fixed: 1 });
});

test('while S3 is away the job waits, and goes on when it is back', async () => {
  await surroundings.bucket.put('a/1.jpg', images['image/png'], 'image/jpeg');
  surroundings.proxies.s3.judge(() => 'cut');
  await startTestWorker();
  const { job_id } = await start();
  await reached(job_id, { status: 'running', failed_attempts: 1 });
  surroundings.proxies.s3.judge(() => 'pass');
  await query(surroundings, 'UPDATE format_audit_jobs SET lease_until = NULL');
  await query(
    surroundings,
    "UPDATE pgboss.job SET start_after = now() WHERE name = 'run-format-audit'",
  );
  await reached(job_id, { status: 'completed', stats: { processed: 1, fixed: 1 } });
});

test('turn by turn, with one message at a time, and several jobs side by side', async () => {
  await startRunner(fakeStages(10));
  const jobs = [await start({ stage: 1, prefix: 'a' }), await start({ stage: 1, prefix: 'b' })];
  for (const { job_id } of jobs) {
    await reached(job_id, { status: 'completed', stats: statsOf(10) });
  }
  expect(await waiting()).toEqual([]);
});

test('a job is cancelled in the middle of a page', async () => {
  const stages = fakeStages(10);
  let isInWork = false;
  stages.during(async (_after, signal) => {
    isInWork = true;
    await once(signal, 'abort');
  });
  await startRunner(stages);
  const { job_id } = await start();
  await eventually(() => expect(isInWork).toBe(true));
  expect(await call('POST', `/${job_id}/cancel`)).toMatchObject({ status: 'cancelled' });
  await eventually(async () => expect((await start()).status).toBe('pending'));
  expect(stages.calls[0]).toBeNull();
});

test('a worker that is told to stop leaves the page to another one', async () => {
  const stages = fakeStages(10);
  stages.during(async (after, signal) => {
    if (after === 'key-003') await once(signal, 'abort');
  });
  const runner = await startRunner(stages);
  const { job_id } = await start();
  await eventually(() => expect(stages.calls).toContain('key-003'));
  await runner.stop(5);
  expect(await show(job_id)).toMatchObject({ status: 'running', stats: statsOf(3) });
  await query(surroundings, "UPDATE pgboss.job SET start_after = now() WHERE state = 'retry'");
  await startRunner(fakeStages(10));
  await reached(job_id, { status: 'completed', stats: statsOf(10) });
});

test('a job whose message is lost is found by the sweep, which sends no second one', async () => {
  const runner = await startRunner(fakeStages(10));
  await runner.stop(5);
  const { job_id } = await start();
  await query(surroundings, "DELETE FROM pgboss.job WHERE name = 'run-format-audit'");
  const { deps } = await startRunner(fakeStages(10));
  await sendSweep();
  await reached(job_id, { status: 'completed', stats: statsOf(10) });
  expect(await deps.audits.listWaiting()).toEqual([]);
});

test('killed in the middle of a page, nothing is counted twice', async () => {
  const { job_id } = await start();
  const { DATABASE_URL = '' } = surroundings.environment;
  const child = spawn(process.execPath, [RUNNER, DATABASE_URL, job_id, 'key-006'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  await eventually(() => expect(said).toBe('null\nkey-003\nkey-006\n'));
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(await show(job_id)).toMatchObject({ status: 'running', stats: statsOf(6) });

  // Nobody takes it before its lease is over.
  const stages = fakeStages(10);
  await startRunner(stages);
  await sendSweep();
  await eventually(async () =>
    expect(
      await query(
        surroundings,
        "SELECT FROM pgboss.job WHERE name = 'sweep-format-audits' AND state = 'completed'",
      ),
    ).toHaveLength(1),
  );
  expect(stages.calls).toEqual([]);
  await query(surroundings, "UPDATE format_audit_jobs SET lease_until = now() - interval '1 s'");
  await sendSweep();
  await reached(job_id, { status: 'completed', stats: statsOf(10) });
  expect(stages.calls).toEqual(['key-006', 'key-009']);
});
