import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ImageId } from '../../src/domain/image-id.ts';
import { ingestKey } from '../../src/domain/object-keys.ts';
import { eventually } from '../support/eventually.ts';
import type { Judge, PassingRequest } from '../support/http-proxy.ts';
import { drawTinyImages } from '../support/tiny-images.ts';
import {
  startTestWorker,
  type TestWorker,
  visibilityChanges,
  withoutDelays,
} from '../support/worker.ts';

let png: Buffer;
let worker: TestWorker;

beforeAll(async () => {
  png = (await drawTinyImages())['image/png'];
});

afterEach(() => worker.close());

/** A pending record and an upload for it. */
async function upload(): Promise<ImageId> {
  const id = await worker.addRecord();
  await worker.bucket.put(ingestKey(id), png, 'image/png');
  return id;
}

async function untilReady(...ids: ImageId[]): Promise<void> {
  await eventually(async () => {
    for (const id of ids) expect(await worker.record(id)).toMatchObject({ status: 'ready' });
  });
  await worker.settled();
}

const isRead = ({ method, path }: PassingRequest) => method === 'GET' && path.includes('/ingest/');
const receives = () =>
  worker.proxies.sqs.passed.filter(({ action }) => action === 'ReceiveMessage');
const logged = (msg: string) => worker.log.lines.filter((line) => line.msg === msg);
/** Also messages that were put off by no time at all: the local queue notices that late. */
async function inQueue(): Promise<number> {
  const { waiting, inFlight } = await worker.queue.depth();
  return waiting + inFlight;
}
const noDeadLetters = async () => expect(await worker.queue.takeDeadLetters()).toEqual([]);

describe('S3 is away', () => {
  beforeEach(async () => {
    worker = await startTestWorker();
    worker.proxies.sqs.judge(withoutDelays);
  });

  test.each<[string, Awaited<ReturnType<Judge>>]>([
    ['answers 500', { status: 500 }],
    ['answers 503', { status: 503 }],
    ['hangs up', 'cut'],
  ])('%s: the image stays pending, and is handled once it is back', async (_, fault) => {
    worker.proxies.s3.judge(() => fault);
    const id = await upload();
    await worker.log.find(({ msg }) => msg === 'message.retried');
    // The store is asked before the next message is received.
    await worker.log.find(({ msg }) => msg === 'worker.waiting_for_dependencies');
    expect(await worker.record(id)).toMatchObject({ status: 'pending', failureReason: null });
    expect(await inQueue()).toBe(1);
    worker.proxies.s3.judge(() => 'pass');
    await untilReady(id);
    expect(logged('image.status_changed')).toMatchObject([{ imageId: id, receiveCount: 2 }]);
    await noDeadLetters();
  });

  test('a deletion that fails is made up for when the message comes back', async () => {
    let failures = 0;
    worker.proxies.s3.judge(({ method }) => {
      // The SDK tries three times before it gives up.
      if (method !== 'DELETE' || failures >= 3) return 'pass';
      failures += 1;
      return 'cut';
    });
    const id = await worker.addRecord();
    await worker.bucket.put(ingestKey(id), Buffer.from('not a picture'), 'image/png');
    await worker.settled();
    expect(failures).toBe(3);
    expect(await worker.record(id)).toMatchObject({ status: 'failed' });
    expect(await worker.bucket.versions(ingestKey(id))).toEqual([]);
    expect(logged('ingest.already_failed')).toMatchObject([{ receiveCount: 2 }]);
    await noDeadLetters();
  });

  test('for one object only: three tries, then a dead letter; others are not held up', async () => {
    const cursed = await worker.addRecord();
    worker.proxies.s3.judge((request) =>
      isRead(request) && request.path.includes(cursed) ? { status: 500 } : 'pass',
    );
    await worker.bucket.put(ingestKey(cursed), png, 'image/png');
    const others = await Promise.all([upload(), upload(), upload()]);
    await untilReady(...others);
    expect(logged('message.retried').map(({ receiveCount }) => receiveCount)).toEqual([1, 2, 3]);
    expect(visibilityChanges(worker.proxies.sqs.passed)).toEqual([5, 30, 0]);
    expect(await worker.queue.takeDeadLetters()).toHaveLength(1);
    // Nothing was found out about the image, so nothing is said about it.
    expect(await worker.record(cursed)).toMatchObject({ status: 'pending' });
    expect(await worker.bucket.versions(ingestKey(cursed))).toHaveLength(1);
  });
});

describe('the database is away', () => {
  beforeEach(async () => {
    worker = await startTestWorker();
    worker.proxies.sqs.judge(withoutDelays);
  });

  test('nothing is received while it is, and no message counts it as a failure', async () => {
    worker.proxies.database.goAway();
    // The worker cannot know before it fails once.
    const first = await upload();
    await worker.log.find(({ msg }) => msg === 'message.retried');
    await worker.log.find(({ msg }) => msg === 'worker.waiting_for_dependencies');
    const receivesBefore = receives().length;
    const others = await Promise.all(Array.from({ length: 12 }, upload));
    await worker.log.find(({ failures }) => failures === 4);
    expect(receives()).toHaveLength(receivesBefore);
    expect(await inQueue()).toBe(13);

    worker.proxies.database.comeBack();
    await untilReady(first, ...others);
    const counts = new Map(
      logged('image.status_changed').map(({ imageId, receiveCount }) => [imageId, receiveCount]),
    );
    expect(counts.get(first)).toBe(2);
    for (const id of others) expect(counts.get(id)).toBe(1);
    await noDeadLetters();
  });

  test('again and again: every message is handled, none is a dead letter', async () => {
    const ids: ImageId[] = [];
    for (let round = 0; round < 4; round += 1) {
      worker.proxies.database.goAway();
      ids.push(await upload(), await upload());
      const already = logged('worker.waiting_for_dependencies').length;
      await eventually(() => {
        expect(logged('worker.waiting_for_dependencies').length).toBeGreaterThan(already);
      });
      worker.proxies.database.comeBack();
      await untilReady(...ids);
    }
    await noDeadLetters();
  });
});

test('the database is away when the worker starts: it waits', async () => {
  worker = await startTestWorker({ databaseAway: true });
  const id = await upload();
  await worker.log.find(({ failures }) => failures === 2);
  expect(receives()).toEqual([]);
  worker.proxies.database.comeBack();
  await untilReady(id);
  expect(logged('image.status_changed')).toMatchObject([{ receiveCount: 1 }]);
});

describe('the queue is away', () => {
  test('it is asked less and less often, and work goes on when it is back', async () => {
    worker = await startTestWorker();
    const { passed } = worker.proxies.sqs;
    const start = performance.now();
    worker.proxies.sqs.judge(() => 'cut');
    const since = passed.length;
    await worker.log.find(({ msg, failures }) => msg === 'queue.unavailable' && failures === 5);
    // At least half of 250, 500, 1000 and 2000 ms were waited; without that it were no time at all.
    expect(performance.now() - start).toBeGreaterThan(1_800);
    // The SDK asks twice each time; one long poll may have been on its way before.
    expect(passed.length - since).toBeLessThanOrEqual(2 * 5 + 1);

    worker.proxies.sqs.judge(() => 'pass');
    await untilReady(await upload());
    await noDeadLetters();
  });

  test('when a message is acknowledged: it comes back, and is a duplicate then', async () => {
    worker = await startTestWorker();
    let cut = 0;
    worker.proxies.sqs.judge((request) => {
      if (request.action !== 'DeleteMessage' || cut >= 2) return withoutDelays(request);
      cut += 1;
      return 'cut';
    });
    const id = await upload();
    await untilReady(id);
    expect(logged('ingest.duplicate')).toMatchObject([{ imageId: id, receiveCount: 2 }]);
    await noDeadLetters();
  });
});

test('work that takes longer than the visibility timeout is still done once', async () => {
  worker = await startTestWorker({ environment: { SQS_VISIBILITY_TIMEOUT_SECS: '5' } });
  const { promise: released, resolve: release } = Promise.withResolvers<'pass'>();
  worker.proxies.s3.judge((request) => (isRead(request) ? released : 'pass'));
  const id = await upload();
  // Every two seconds: after the third the message would have come back.
  await eventually(() => {
    expect(visibilityChanges(worker.proxies.sqs.passed)).toEqual([5, 5, 5]);
  });
  expect(await worker.queue.depth()).toEqual({ waiting: 0, inFlight: 1 });
  release('pass');
  await untilReady(id);
  expect(worker.proxies.s3.passed.filter(isRead)).toHaveLength(1);
  expect(logged('image.status_changed')).toMatchObject([{ receiveCount: 1 }]);
});
