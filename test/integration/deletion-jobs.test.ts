import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { PgBoss } from 'pg-boss';
import { type Api, startApi } from '../../src/app/api.ts';
import { startWorker, type Worker } from '../../src/app/worker.ts';
import type { ImageId } from '../../src/domain/image-id.ts';
import { loadWorkerConfig } from '../../src/shared/config.ts';
import { apiConfig } from '../support/config.ts';
import { addReadyImage, pathsOf, startTestCdn, type TestCdn } from '../support/deletion.ts';
import { eventually } from '../support/eventually.ts';
import { type CapturedLog, captureLog } from '../support/log.ts';
import { query } from '../support/reaper.ts';
import { type Surroundings, startSurroundings } from '../support/surroundings.ts';
import { drawTinyImages } from '../support/tiny-images.ts';

/** The real API and the real worker, and between them the real queue of jobs. */

const QUEUE = 'finish-deletions';
const SWEEP = 'sweep-deletions';
/** Never due while a test runs: sweeps are sent by hand. */
const NEXT_YEAR = '0 0 1 1 *';

let png: Buffer;
let surroundings: Surroundings;
let cdn: TestCdn;
let api: Api;
let apiLog: CapturedLog;
let workerLog: CapturedLog;
let worker: Worker | undefined;
let boss: PgBoss | undefined;

beforeAll(async () => {
  png = (await drawTinyImages())['image/png'];
});

beforeEach(async () => {
  surroundings = await startSurroundings({ notify: false });
  cdn = await startTestCdn(surroundings);
  apiLog = captureLog();
  workerLog = captureLog();
  const config = apiConfig({
    DATABASE_URL: surroundings.environment.DATABASE_URL,
    DATABASE_POOL_SIZE: '1',
  });
  api = await startApi(config, { logger: apiLog.logger });
});

afterEach(async () => {
  await boss?.stop({ graceful: false });
  boss = undefined;
  await worker?.close();
  worker = undefined;
  await api.close();
  await cdn.close();
  await surroundings.close();
});

/** What a worker would have made, without a worker that takes the jobs. */
async function installQueues(): Promise<PgBoss> {
  boss = new PgBoss({
    connectionString: surroundings.environment.DATABASE_URL ?? '',
    max: 1,
    schedule: false,
    supervise: false,
  });
  boss.on('error', () => {});
  await boss.start();
  await boss.createQueue(QUEUE, { retryLimit: 8 });
  await boss.createQueue(SWEEP, { policy: 'exclusive' });
  return boss;
}

async function startDeletingWorker(): Promise<void> {
  const config = loadWorkerConfig({
    ...surroundings.environment,
    ...cdn.environment,
    DELETION_SWEEP_CRON: NEXT_YEAR,
    SHUTDOWN_TIMEOUT_SECS: '5',
  });
  worker = startWorker(config, { logger: workerLog.logger });
  await workerLog.find(({ msg }) => msg === 'jobs.started');
}

async function deleteImages(...ids: ImageId[]): Promise<unknown> {
  const response = await fetch(`http://127.0.0.1:${api.port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      query: 'mutation ($ids: [ID!]!) { deleteImages(ids: $ids) { deletedIds } }',
      variables: { ids },
    }),
  });
  const { data } = (await response.json()) as { data: { deleteImages: { deletedIds: unknown } } };
  return data.deleteImages.deletedIds;
}

const finished = (id: ImageId) =>
  workerLog.find(({ msg, imageId }) => msg === 'image.deletion_finished' && imageId === id);

function jobs(): Promise<{ state: string; data: object; output: object }[]> {
  return query(
    surroundings,
    'SELECT state, data, output FROM pgboss.job WHERE name = $1 ORDER BY created_on',
    [QUEUE],
  );
}

const leftToSweep = () => apiLog.lines.filter(({ msg }) => msg === 'deletion.left_to_sweep');

test('a deletion is finished within moments: record, versions, thumbnail, CDN', async () => {
  await startDeletingWorker();
  const { id, targets } = await addReadyImage(surroundings, png);
  expect(await cdn.view(targets[0])).toBe('200 Miss from cloudfront');
  expect(await deleteImages(id)).toEqual([id]);
  expect(await finished(id)).toMatchObject({ ageMs: expect.any(Number) });
  expect(await surroundings.bucket.versions()).toEqual([]);
  expect(await cdn.view(targets[0])).toBe('404 Error from cloudfront');
  expect(leftToSweep()).toEqual([]);
  await eventually(async () =>
    expect(await jobs()).toMatchObject([
      { state: 'completed', data: { imageIds: [id] }, output: { finished: 1 } },
    ]),
  );
});

test('many requests at once need one connection each, and become one run', async () => {
  await installQueues();
  const images = [];
  for (let count = 0; count < 6; count += 1) images.push(await addReadyImage(surroundings, png));
  // The API has a single connection: a job that needed another one would wait for itself.
  const deleted = await Promise.all(images.map(({ id }) => deleteImages(id)));
  expect(deleted.flat()).toEqual(images.map(({ id }) => id));
  expect(leftToSweep()).toEqual([]);
  expect(await jobs()).toHaveLength(6);

  await startDeletingWorker();
  await Promise.all(images.map(({ id }) => finished(id)));
  expect(cdn.invalidated()).toEqual([pathsOf(images.flatMap(({ targets }) => targets))]);
});

test('an API that is there before any worker leaves its deletions to the sweep', async () => {
  const { id } = await addReadyImage(surroundings, png);
  expect(await deleteImages(id)).toEqual([id]);
  expect(leftToSweep()).toHaveLength(1);

  const queues = await installQueues();
  await query(
    surroundings,
    "UPDATE image_deletions SET requested_at = now() - interval '2 minutes'",
  );
  await queues.send(SWEEP);
  await startDeletingWorker();
  await finished(id);
  expect(await surroundings.bucket.versions()).toEqual([]);

  // From now on there are jobs, and nothing had to be started again for it.
  const next = await addReadyImage(surroundings, png);
  await deleteImages(next.id);
  await finished(next.id);
  expect(leftToSweep()).toHaveLength(1);
});

test('what fails is tried again by its job, with growing pauses', async () => {
  await startDeletingWorker();
  cdn.proxy.judge(() => ({ status: 503 }));
  const { id } = await addReadyImage(surroundings, png);
  await deleteImages(id);
  await workerLog.find(({ msg, job }) => msg === 'job.failed' && job === QUEUE);
  await eventually(async () => expect(await jobs()).toMatchObject([{ state: 'retry' }]));
  expect(workerLog.lines.map(({ msg }) => msg)).not.toContain('image.deletion_finished');

  cdn.proxy.judge(() => 'pass');
  await query(surroundings, "UPDATE pgboss.job SET start_after = now() WHERE state = 'retry'");
  await finished(id);
});

test('a job of nonsense does nobody any harm', async () => {
  const queues = await installQueues();
  await queues.send(QUEUE, { imageIds: ['garbage', 7, null] });
  await queues.send(QUEUE, { something: 'else' });
  await queues.send(QUEUE);
  await startDeletingWorker();
  await eventually(async () =>
    expect((await jobs()).map(({ state }) => state)).toEqual(Array(3).fill('completed')),
  );
});
