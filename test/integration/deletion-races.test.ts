import { afterEach, beforeAll, expect, test } from '@jest/globals';
import type { ImageId } from '../../src/domain/image-id.ts';
import { imageThumbnailKey, ingestKey } from '../../src/domain/object-keys.ts';
import { openTestDeletion, type TestDeletion } from '../support/deletion.ts';
import { eventually } from '../support/eventually.ts';
import type { PassingRequest, Verdict } from '../support/http-proxy.ts';
import { openTestReaper } from '../support/reaper.ts';
import { eventBody } from '../support/s3-events.ts';
import { type Surroundings, startSurroundings } from '../support/surroundings.ts';
import { drawTinyImages } from '../support/tiny-images.ts';
import { startTestWorker, type TestWorker } from '../support/worker.ts';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.ts';

/**
 * An image is deleted while its upload is on its way, in every order that matters. The end is always
 * the same: no record, no object, no thumbnail, no dead letter.
 */

let png: Buffer;
let worker: TestWorker | undefined;
let surroundings: Surroundings;
let deletion: TestDeletion;
let processes: WorkerProcess[] = [];

beforeAll(async () => {
  png = (await drawTinyImages())['image/png'];
});

afterEach(async () => {
  for (const process of processes) process.kill('SIGKILL');
  await Promise.all(processes.map(({ ended }) => ended));
  processes = [];
  await deletion.close();
  await (worker ?? surroundings).close();
  worker = undefined;
});

async function withWorker(versioned = true): Promise<TestWorker> {
  worker = await startTestWorker({ versioned });
  surroundings = worker;
  deletion = openTestDeletion(surroundings);
  return worker;
}

async function deleteCompletely(id: ImageId): Promise<void> {
  expect(await deletion.request(id)).toEqual([id]);
  expect(await deletion.finish(id)).toEqual({ finished: 1 });
}

const upload = (id: ImageId) => surroundings.bucket.put(ingestKey(id), png, 'image/png');

async function expectNothingLeft(id: ImageId): Promise<void> {
  await surroundings.settled();
  expect(await surroundings.records.findMany([id])).toEqual([null]);
  expect(await surroundings.bucket.versions()).toEqual([]);
  expect(await surroundings.queue.takeDeadLetters()).toEqual([]);
}

const isThumbnail = ({ method, path }: PassingRequest) =>
  method === 'PUT' && path.includes('/thumbnails/');
const isRead = ({ method, path }: PassingRequest) =>
  method === 'GET' && path.includes('/ingest/') && !path.includes('versions');

/** Does `act` once, while the first such request waits; then lets it, and everything else, pass. */
function whenFirst(is: (request: PassingRequest) => boolean, act: () => Promise<void>): void {
  let done = false;
  surroundings.proxies.s3.judge(async (request): Promise<Verdict> => {
    if (is(request) && !done) {
      done = true;
      await act();
    }
    return 'pass';
  });
}

test('deleted while pending: the upload URL is still good, and what comes is deleted', async () => {
  const { log } = await withWorker();
  const id = await surroundings.addRecord();
  await deleteCompletely(id);
  for (let time = 0; time < 2; time += 1) {
    const { versionId } = await upload(id);
    await log.find(
      (line) => line.msg === 'ingest.deleted_meanwhile' && line.versionId === versionId,
    );
  }
  await expectNothingLeft(id);
  expect(log.lines.map(({ msg }) => msg)).not.toContain('message.retried');
});

test('deleted, but not finished yet', async () => {
  const { log } = await withWorker();
  const id = await surroundings.addRecord();
  await deletion.request(id);
  await upload(id);
  await log.find(({ msg }) => msg === 'ingest.deleted_meanwhile');
  await expectNothingLeft(id);
});

test('the event of an image that was ready comes again after its deletion', async () => {
  const { log, handled } = await withWorker();
  const id = await surroundings.addRecord();
  const { versionId, etag } = await upload(id);
  await surroundings.settled();
  expect((await surroundings.record(id)).status).toBe('ready');
  await deleteCompletely(id);
  const lines = await handled(eventBody({ key: ingestKey(id), versionId, etag }));
  expect(lines.map(({ msg }) => msg)).toEqual(['ingest.deleted_meanwhile']);
  await expectNothingLeft(id);
  expect(log.lines.map(({ msg }) => msg)).not.toContain('message.retried');
});

test.each([
  ['before it reads the upload', isRead, true],
  ['before it writes the thumbnail', isThumbnail, true],
  ['before it writes the thumbnail, without versions', isThumbnail, false],
])('deleted completely under a worker, %s', async (_when, is, versioned) => {
  const { log } = await withWorker(versioned);
  const id = await surroundings.addRecord();
  whenFirst(is, () => deleteCompletely(id));
  await upload(id);
  await log.find(({ msg }) => msg === 'ingest.deleted_meanwhile');
  await expectNothingLeft(id);
  expect(log.lines.map(({ msg }) => msg)).not.toContain('image.status_changed');
  expect(log.lines.map(({ msg }) => msg)).not.toContain('message.retried');
});

test('deleted under a worker that is killed once it has written the thumbnail', async () => {
  surroundings = await startSurroundings();
  deletion = openTestDeletion(surroundings);
  const environment = { ...surroundings.environment, SQS_VISIBILITY_TIMEOUT_SECS: '5' };
  const id = await surroundings.addRecord();
  const victim = startWorkerProcess(environment);
  processes.push(victim);
  let isCaught = false;
  surroundings.proxies.s3.judge(async (request): Promise<Verdict> => {
    if (!isThumbnail(request) || isCaught) return 'pass';
    isCaught = true;
    await deleteCompletely(id);
    return { afterwards: () => victim.kill('SIGKILL') };
  });
  await upload(id);
  expect(await victim.ended).toBe('SIGKILL');
  expect(await surroundings.bucket.versions()).toMatchObject([{ key: imageThumbnailKey(id) }]);

  const heir = startWorkerProcess(environment);
  processes.push(heir);
  await heir.logged('ingest.deleted_meanwhile');
  await expectNothingLeft(id);
});

test('deleted while the reaper makes up for a lost event', async () => {
  surroundings = await startSurroundings({ notify: false });
  deletion = openTestDeletion(surroundings);
  const id = await surroundings.addRecord();
  await upload(id);
  const reaper = openTestReaper(surroundings);
  try {
    whenFirst(isRead, () => deleteCompletely(id));
    expect(await reaper.reap()).toMatchObject({ ready: 0, failed: 0, errors: 0 });
    expect(reaper.log.lines).toContainEqual(
      expect.objectContaining({ msg: 'ingest.deleted_meanwhile', imageId: id }),
    );
    await expectNothingLeft(id);
  } finally {
    await reaper.close();
  }
});

test('an upload whose event is lost, too, is an orphan for the reaper', async () => {
  surroundings = await startSurroundings({ notify: false });
  deletion = openTestDeletion(surroundings);
  const id = await surroundings.addRecord();
  await deleteCompletely(id);
  await upload(id);
  const reaper = openTestReaper(surroundings);
  try {
    expect(await reaper.reap()).toMatchObject({ orphans_deleted: 1, errors: 0 });
    await expectNothingLeft(id);
  } finally {
    await reaper.close();
  }
});

test('an event for another key of a deleted image is still a dead letter', async () => {
  const { queue } = await withWorker();
  const id = await surroundings.addRecord();
  await deleteCompletely(id);
  await queue.send(eventBody({ key: `uploads/${id}`, versionId: 'v1' }));
  await eventually(() =>
    expect(worker?.log.lines).toContainEqual(
      expect.objectContaining({
        msg: 'message.retried',
        err: expect.objectContaining({ code: 'UNKNOWN_RECORD' }),
      }),
    ),
  );
});
