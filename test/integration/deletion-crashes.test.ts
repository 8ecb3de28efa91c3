import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { PgBoss } from 'pg-boss';
import {
  addReadyImage,
  openTestDeletion,
  pathsOf,
  startTestCdn,
  type TestCdn,
} from '../support/deletion.ts';
import type { PassingRequest } from '../support/http-proxy.ts';
import { query } from '../support/reaper.ts';
import { type Surroundings, startSurroundings } from '../support/surroundings.ts';
import { drawTinyImages } from '../support/tiny-images.ts';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.ts';

/**
 * The real worker, killed before and after everything that finishing a deletion does to the world
 * outside. Another worker's sweep takes it up, and the end must be that of an undisturbed run.
 */

const QUEUE = 'finish-deletions';
const SWEEP = 'sweep-deletions';
/** Never due while a test runs: the sweep is sent by hand. */
const NEXT_YEAR = '0 0 1 1 *';

let png: Buffer;
let surroundings: Surroundings;
let cdn: TestCdn;
let boss: PgBoss;
let started: WorkerProcess[];

beforeAll(async () => {
  png = (await drawTinyImages())['image/png'];
});

beforeEach(async () => {
  surroundings = await startSurroundings({ notify: false });
  cdn = await startTestCdn(surroundings);
  started = [];
  boss = new PgBoss({
    connectionString: surroundings.environment.DATABASE_URL ?? '',
    max: 1,
    schedule: false,
    supervise: false,
  });
  boss.on('error', () => {});
  await boss.start();
  await boss.createQueue(QUEUE);
  await boss.createQueue(SWEEP, { policy: 'exclusive' });
});

afterEach(async () => {
  for (const worker of started) worker.kill('SIGKILL');
  await Promise.all(started.map(({ ended }) => ended));
  await boss.stop({ graceful: false });
  await cdn.close();
  await surroundings.close();
});

function startWorker(): WorkerProcess {
  const worker = startWorkerProcess({
    ...surroundings.environment,
    ...cdn.environment,
    DELETION_SWEEP_CRON: NEXT_YEAR,
  });
  started.push(worker);
  return worker;
}

type Step = 'delete the picture' | 'delete the thumbnail' | 'tell the CDN' | 'store the end';
type Moment = 'before' | 'after';

const deletes = ({ method, path, body }: PassingRequest, prefix: string) =>
  method === 'POST' && path.includes('delete') && body.includes(`<Key>${prefix}/`);

/** Kills the worker when it takes this step for the first time. */
function crashAt(step: Step, moment: Moment, worker: WorkerProcess): void {
  let crashed = false;
  const kill = () => worker.kill('SIGKILL');

  function verdict(isStep: boolean): 'pass' | 'cut' | { afterwards: () => void } {
    if (!isStep || crashed) return 'pass';
    crashed = true;
    if (moment === 'after') return { afterwards: kill };
    kill();
    return 'cut';
  }

  const { s3, database } = surroundings.proxies;
  if (step === 'delete the picture') {
    s3.judge((request) => verdict(deletes(request, 'ingest')));
  } else if (step === 'delete the thumbnail') {
    s3.judge((request) => verdict(deletes(request, 'thumbnails')));
  } else if (step === 'tell the CDN') {
    cdn.proxy.judge(() => verdict(true));
  } else {
    // A process prepares its first update by sending the statement's text.
    database.judge((chunk) => verdict(chunk.includes('UPDATE "public"."image_deletions"')));
  }
}

const STEPS: Step[] = [
  'delete the picture',
  'delete the thumbnail',
  'tell the CDN',
  'store the end',
];
const CRASHES = STEPS.flatMap((step): [Moment, Step][] => [
  ['before', step],
  ['after', step],
]);

test.each(CRASHES)('killed %s: %s', async (moment, step) => {
  const { id, targets } = await addReadyImage(surroundings, png);
  expect(await cdn.view(targets[0])).toBe('200 Miss from cloudfront');
  const deletion = openTestDeletion(surroundings);
  try {
    await deletion.request(id);
    const victim = startWorker();
    crashAt(step, moment, victim);
    await boss.send(QUEUE, { imageIds: [id] });
    expect(await victim.ended).toBe('SIGKILL');
    const isDone = step === 'store the end' && moment === 'after';
    expect(await deletion.deletions.find(id)).toMatchObject({
      finishedAt: isDone ? expect.any(Date) : null,
    });

    // The killed worker's job counts as running until its signs of life are missed.
    await query(
      surroundings,
      "UPDATE image_deletions SET requested_at = now() - interval '1 hour'",
    );
    await boss.send(SWEEP);
    const heir = startWorker();
    expect((await heir.logged('job.finished')).job).toBe(SWEEP);
    expect(await deletion.deletions.find(id)).toMatchObject({ finishedAt: expect.any(Date) });
    expect(await surroundings.bucket.versions()).toEqual([]);
    expect(await cdn.view(targets[0])).toBe('404 Error from cloudfront');
    // However often it was told, it is one and the same invalidation.
    expect(new Set(cdn.invalidated().map(String))).toEqual(new Set([String(pathsOf(targets))]));
  } finally {
    await deletion.close();
  }
});
