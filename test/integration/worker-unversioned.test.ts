import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ImageId } from '../../src/domain/image-id.ts';
import { ingestKey } from '../../src/domain/object-keys.ts';
import { newImageId } from '../../src/shared/image-ids.ts';
import { eventBody } from '../support/s3-events.ts';
import { drawTinyImages } from '../support/tiny-images.ts';
import { startTestWorker, type TestWorker, withoutDelays } from '../support/worker.ts';

let worker: TestWorker;
let png: Buffer;
let otherPng: Buffer;

beforeAll(async () => {
  png = (await drawTinyImages())['image/png'];
  otherPng = (await drawTinyImages(7))['image/png'];
  worker = await startTestWorker({ versioned: false, notify: false });
});
afterAll(() => worker.close());

async function put(id: ImageId, bytes: Uint8Array) {
  const { versionId, etag } = await worker.bucket.put(ingestKey(id), bytes, 'image/png');
  expect(versionId).toBeNull();
  return { key: ingestKey(id), etag };
}

async function ingest() {
  const id = await worker.addRecord();
  const event = await put(id, png);
  await worker.handled(eventBody(event));
  return { id, event, record: await worker.record(id) };
}

test('a picture is pinned by its ETag', async () => {
  const { id, event, record } = await ingest();
  expect(record).toMatchObject({ status: 'ready', versionId: null, etag: event.etag });
  const lines = await worker.handled(eventBody(event));
  expect(lines).toMatchObject([{ msg: 'ingest.duplicate', imageId: id }]);
  expect(await worker.bucket.read(event.key)).toEqual(png);
});

test('the event of an overwritten object settles on the newer one, and its own is a duplicate', async () => {
  const id = await worker.addRecord();
  const older = await put(id, png);
  const newer = await put(id, otherPng);
  await worker.handled(eventBody(older));
  expect(await worker.record(id)).toMatchObject({ status: 'ready', etag: newer.etag });
  await worker.handled(eventBody(newer));
  expect(await worker.bucket.read(newer.key)).toEqual(otherPng);
});

test('an event that comes late does not delete the newer object', async () => {
  const id = await worker.addRecord();
  const older = await put(id, png);
  const newer = await put(id, otherPng);
  await worker.handled(eventBody(newer));
  const lines = await worker.handled(eventBody(older));
  expect(lines).toMatchObject([{ msg: 'ingest.overwrite_refused' }]);
  expect(await worker.bucket.read(newer.key)).toEqual(otherPng);
});

test('an overwrite after the picture was checked is deleted', async () => {
  const { id, record } = await ingest();
  const overwrite = await put(id, otherPng);
  await worker.handled(eventBody(overwrite));
  expect(await worker.bucket.read(overwrite.key)).toBeNull();
  expect(await worker.record(id)).toEqual(record);
});

test('a refused file is deleted, a file that replaced it meanwhile is not by the same event', async () => {
  const id = await worker.addRecord();
  const bad = await put(id, Buffer.from('not a picture'));
  await worker.handled(eventBody(bad));
  expect(await worker.bucket.read(bad.key)).toBeNull();
  const good = await put(id, png);
  await worker.handled(eventBody(bad));
  expect(await worker.bucket.read(good.key)).toEqual(png);
  await worker.handled(eventBody(good));
  expect(await worker.bucket.read(good.key)).toBeNull();
});

test('the worker warned once, however often it asked', async () => {
  const asked = () => worker.proxies.s3.passed.filter(({ path }) => /versioning/.test(path)).length;
  const before = asked();
  // A failure makes it doubt its surroundings and ask them again.
  worker.proxies.sqs.judge(withoutDelays);
  await worker.handled(eventBody({ key: ingestKey(newImageId()) }));
  expect(asked()).toBeGreaterThan(before);
  const warnings = worker.log.lines.filter(({ msg }) => msg === 'worker.unversioned_bucket');
  expect(warnings).toMatchObject([
    { level: 'warn', remedy: expect.stringContaining('versioning') },
  ]);
});
