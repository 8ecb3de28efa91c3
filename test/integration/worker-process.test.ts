import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ImageId } from '../../src/domain/image-id.ts';
import { ingestKey } from '../../src/domain/object-keys.ts';
import { eventually } from '../support/eventually.ts';
import type { PassingRequest, Verdict } from '../support/http-proxy.ts';
import { type Surroundings, startSurroundings } from '../support/surroundings.ts';
import { drawTinyImages } from '../support/tiny-images.ts';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.ts';

let png: Buffer;
let surroundings: Surroundings;
let started: WorkerProcess[];

beforeAll(async () => {
  png = (await drawTinyImages())['image/png'];
});
beforeEach(async () => {
  surroundings = await startSurroundings();
  started = [];
});
afterEach(async () => {
  for (const worker of started) worker.kill('SIGKILL');
  await Promise.all(started.map(({ ended }) => ended));
  await surroundings.close();
});

function start(environment: Record<string, string> = {}): WorkerProcess {
  const worker = startWorkerProcess({ ...surroundings.environment, ...environment });
  started.push(worker);
  return worker;
}

async function upload(): Promise<ImageId> {
  const id = await surroundings.addRecord();
  await surroundings.bucket.put(ingestKey(id), png, 'image/png');
  return id;
}

const isRead = ({ method, path }: PassingRequest) => method === 'GET' && path.includes('/ingest/');

/** Lets no worker read an image until `release` is called. */
function holdReads() {
  const { promise, resolve } = Promise.withResolvers<Verdict>();
  surroundings.proxies.s3.judge((request) => (isRead(request) ? promise : 'pass'));
  return { release: () => resolve('pass') };
}

/** Resolves when so many images are being read. */
function reading(count: number): Promise<void> {
  return eventually(() => {
    expect(surroundings.proxies.s3.passed.filter(isRead)).toHaveLength(count);
  });
}

async function untilReady(...ids: ImageId[]): Promise<void> {
  await eventually(async () => {
    for (const id of ids) expect(await surroundings.record(id)).toMatchObject({ status: 'ready' });
  });
}

const polls = () =>
  surroundings.proxies.sqs.passed.filter(({ action }) => action === 'ReceiveMessage');

describe('SIGTERM', () => {
  test('in the middle of work: the work is finished, nothing is lost', async () => {
    const { release } = holdReads();
    const ids = await Promise.all([upload(), upload(), upload()]);
    // All in one receive: the next one waits for the slowest of its messages.
    await surroundings.told();
    const worker = start();
    await reading(3);
    worker.kill('SIGTERM');
    await worker.logged('process.stopping');
    const pollsThen = polls().length;
    const late = await upload();
    release();
    expect(await worker.ended).toBe(0);
    expect(polls()).toHaveLength(pollsThen);
    for (const id of ids) {
      expect(await surroundings.record(id)).toMatchObject({ status: 'ready' });
    }
    // What came after the signal waits for the next worker, as if never touched.
    await surroundings.told();
    const [left, ...others] = await surroundings.queue.receive();
    expect(others).toEqual([]);
    expect(left?.Body).toContain(late);
    expect(left?.Attributes).toMatchObject({ ApproximateReceiveCount: '1' });
    expect(await surroundings.queue.takeDeadLetters()).toEqual([]);
  });

  test('and work that does not end in time: the message is given back at once', async () => {
    holdReads();
    const id = await upload();
    const worker = start({ SHUTDOWN_TIMEOUT_SECS: '1', SQS_VISIBILITY_TIMEOUT_SECS: '600' });
    await reading(1);
    worker.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
    expect(worker.lines.map(({ msg }) => msg)).toContain('message.given_back');
    // Not after ten minutes.
    const [message] = await surroundings.queue.receive({ waitSecs: 20, visibilitySecs: 0 });
    expect(message?.Attributes).toMatchObject({ ApproximateReceiveCount: '2' });
    expect(await surroundings.record(id)).toMatchObject({ status: 'pending' });

    surroundings.proxies.s3.judge(() => 'pass');
    start();
    await untilReady(id);
  });

  test('while it waits for messages: it ends, and swallows none', async () => {
    const worker = start({ SQS_WAIT_TIME_SECS: '20' });
    await eventually(() => expect(polls()).toHaveLength(1));
    worker.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
    // The poll was called off, not sat out.
    expect(polls()).toMatchObject([{ answered: false }]);

    await upload();
    const [message] = await surroundings.queue.receive({ waitSecs: 20 });
    expect(message?.Attributes).toMatchObject({ ApproximateReceiveCount: '1' });
  });

  test('while it waits for the database: it ends, too', async () => {
    surroundings.proxies.database.goAway();
    const worker = start();
    await worker.logged('worker.waiting_for_dependencies');
    worker.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
    expect(polls()).toEqual([]);
  });

  test('while the queue is away: it ends, too', async () => {
    surroundings.proxies.sqs.judge(() => 'cut');
    const worker = start();
    await worker.logged('queue.unavailable');
    worker.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
  });
});

test('SIGKILL in the middle of work: another worker finishes it', async () => {
  holdReads();
  const ids = await Promise.all([upload(), upload()]);
  await surroundings.told();
  const victim = start({ SQS_VISIBILITY_TIMEOUT_SECS: '5' });
  await reading(2);
  victim.kill('SIGKILL');
  expect(await victim.ended).toBe('SIGKILL');
  surroundings.proxies.s3.judge(() => 'pass');
  const heir = start();
  await untilReady(...ids);
  await surroundings.settled();
  const ready = heir.lines.filter(({ msg }) => msg === 'image.status_changed');
  expect(ready).toMatchObject([{ receiveCount: 2 }, { receiveCount: 2 }]);
});

test('two workers side by side handle every message once', async () => {
  const workers = [start(), start()];
  await Promise.all(workers.map((worker) => worker.logged('worker.started')));
  const ids = await Promise.all(Array.from({ length: 24 }, upload));
  await untilReady(...ids);
  await surroundings.settled();
  const events = workers.flatMap(({ lines }) => lines.filter(({ imageId }) => imageId));
  expect(events.map(({ msg }) => msg)).toEqual(ids.map(() => 'image.status_changed'));
});

test('a configuration that is not usable: status 1, every problem, no secret', async () => {
  const worker = start({
    DATABASE_URL: 'mysql://media:hunter2-secret@localhost/media',
    AWS_REGION: '',
    S3_INPUT_BUCKET: '  ',
    SQS_MEDIA_QUEUE_URL: 'media-queue-hunter2-secret',
    SQS_MEDIA_DLQ_URL: '',
    SQS_VISIBILITY_TIMEOUT_SECS: '1',
    WORKER_CONCURRENCY: 'many',
    LOG_LEVEL: 'loud',
  });
  expect(await worker.ended).toBe(1);
  expect(worker.lines).toEqual([]);
  const [headline, ...problems] = worker.complaints().trim().split('\n');
  expect(headline).toBe('The configuration is not usable:');
  expect(problems.map((problem) => problem.trim().split(' ')[0]).sort()).toEqual([
    'AWS_REGION',
    'DATABASE_URL',
    'LOG_LEVEL',
    'S3_INPUT_BUCKET',
    'SQS_MEDIA_DLQ_URL',
    'SQS_MEDIA_QUEUE_URL',
    'SQS_VISIBILITY_TIMEOUT_SECS',
    'WORKER_CONCURRENCY',
  ]);
  expect(worker.complaints()).not.toMatch(/hunter2|\bat \w|node_modules|\.ts\b/);
});
