import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ImageId } from '../../src/domain/image-id.ts';
import { ingestKey } from '../../src/domain/object-keys.ts';
import { testEventBody } from '../../src/local/s3/server.ts';
import { newImageId } from '../../src/shared/image-ids.ts';
import { eventBody, eventRecord } from '../support/s3-events.ts';
import { BUCKET } from '../support/surroundings.ts';
import { drawTinyImages } from '../support/tiny-images.ts';
import {
  startTestWorker,
  type TestWorker,
  visibilityChanges,
  withoutDelays,
} from '../support/worker.ts';

/** S3 tells nobody here: the tests send the events, late, twice, or in another order. */
let worker: TestWorker;
let png: Buffer;

beforeAll(async () => {
  png = (await drawTinyImages())['image/png'];
  worker = await startTestWorker({ notify: false });
  worker.proxies.sqs.judge(withoutDelays);
});
afterAll(() => worker.close());
beforeEach(() => {
  worker.log.lines.length = 0;
});

/** Uploads without telling the worker. */
async function put(id: ImageId, bytes: Uint8Array = png) {
  return { key: ingestKey(id), ...(await worker.bucket.put(ingestKey(id), bytes, 'image/png')) };
}

async function statusOf(id: ImageId): Promise<string> {
  return (await worker.record(id)).status;
}

const messages = () => worker.log.lines.map(({ msg }) => msg);
const noDeadLetters = async () => expect(await worker.queue.takeDeadLetters()).toEqual([]);

describe('events of one image', () => {
  test('delivered again and again: a duplicate is skipped', async () => {
    const id = await worker.addRecord();
    const event = await put(id);
    await worker.handled(eventBody(event));
    const record = await worker.record(id);
    await worker.handled(eventBody(event, event));
    await worker.handled(eventBody(event));
    expect(messages()).toEqual(['image.status_changed', ...Array(3).fill('ingest.duplicate')]);
    expect(await worker.record(id)).toEqual(record);
    expect(await worker.bucket.read(event.key, event.versionId)).toEqual(png);
  });

  test('delivered in reverse order: the first to be checked is served', async () => {
    const id = await worker.addRecord();
    const [older, newer] = [await put(id), await put(id, Buffer.concat([png, png]))];
    await worker.handled(eventBody(newer));
    await worker.handled(eventBody(older));
    expect(messages()).toEqual(['image.status_changed', 'ingest.overwrite_refused']);
    expect(await worker.record(id)).toMatchObject({
      status: 'ready',
      versionId: newer.versionId,
      sizeBytes: png.length * 2,
    });
    expect(await worker.bucket.read(older.key, older.versionId)).toBeNull();
    expect(await worker.bucket.read(newer.key, newer.versionId)).not.toBeNull();
  });

  test('the version of the event is checked, not the latest one', async () => {
    const id = await worker.addRecord();
    const [good, bad] = [await put(id), await put(id, Buffer.from('not a picture'))];
    await worker.handled(eventBody(good));
    await worker.handled(eventBody(bad));
    expect(await worker.record(id)).toMatchObject({ status: 'ready', versionId: good.versionId });
    expect(await worker.bucket.versions(good.key)).toEqual([
      { key: good.key, versionId: good.versionId },
    ]);
  });

  test('of a failed image, delivered again: its version is deleted again', async () => {
    const id = await worker.addRecord();
    const bad = await put(id, Buffer.from('not a picture'));
    await worker.handled(eventBody(bad));
    await worker.handled(eventBody(bad));
    const good = await put(id);
    await worker.handled(eventBody(good));
    expect(messages()).toEqual([
      'image.status_changed',
      'ingest.already_failed',
      'ingest.already_failed',
    ]);
    expect(await worker.bucket.versions(ingestKey(id))).toEqual([]);
  });

  test('whose object is gone', async () => {
    const id = await worker.addRecord();
    const event = await put(id);
    await worker.bucket.deleteVersion(event.key, event.versionId);
    await worker.handled(eventBody(event));
    expect(await worker.record(id)).toMatchObject({
      status: 'failed',
      failureReason: 'OBJECT_MISSING',
    });
    await noDeadLetters();
  });
});

describe('acknowledged without effect', () => {
  test('the test event that S3 sends when notifications are set up', async () => {
    expect(await worker.handled(testEventBody(BUCKET))).toEqual([]);
    await noDeadLetters();
  });

  test('a message without records', async () => {
    expect(await worker.handled('{"Records":[]}')).toEqual([]);
    await noDeadLetters();
  });

  test('the bucket of somebody else, even with a key of ours', async () => {
    const id = await worker.addRecord();
    const event = await put(id);
    const lines = await worker.handled(eventBody({ ...event, bucket: 'elsewhere' }));
    expect(lines).toMatchObject([{ msg: 'ingest.foreign', level: 'warn' }]);
    expect(await statusOf(id)).toBe('pending');
    expect(await worker.bucket.read(event.key)).toEqual(png);
  });

  test('events of other kinds than ObjectCreated', async () => {
    const id = await worker.addRecord();
    const event = await put(id);
    for (const eventName of [
      'ObjectRemoved:Delete',
      'ObjectTagging:Put',
      's3:ObjectRestore:Post',
    ]) {
      expect(await worker.handled(eventBody({ ...event, eventName }))).toEqual([]);
    }
    expect(await statusOf(id)).toBe('pending');
  });

  test.each<[string, (id: ImageId) => string]>([
    ['a lower-case id', (id) => `ingest/${id.toLowerCase()}`],
    ['a longer path', (id) => `ingest/${id}/original`],
    ['a leading slash', (id) => `/ingest/${id}`],
    ['an extension', (id) => `ingest/${id}.png`],
    ['a line feed at the end', (id) => `ingest/${id}%0A`],
    ['another prefix', (id) => `thumbnails/${id}`],
    ['no prefix', (id) => id],
    ['an id past the end of time', () => 'ingest/8ZZZZZZZZZZZZZZZZZZZZZZZZZ'],
    ['an empty key', () => ''],
  ])('a key with %s', async (_, keyOf) => {
    const id = await worker.addRecord();
    await put(id);
    const lines = await worker.handled(eventBody({ key: keyOf(id) }));
    expect(lines).toMatchObject([{ msg: 'ingest.foreign' }]);
    expect(await statusOf(id)).toBe('pending');
    await noDeadLetters();
  });
});

describe('read as S3 writes them', () => {
  test('form-encoded keys', async () => {
    const id = await worker.addRecord();
    const event = await put(id);
    await worker.handled(eventBody({ ...event, key: `ingest%2F${id.replace('0', '%30')}` }));
    expect(await statusOf(id)).toBe('ready');
    expect(await worker.handled(eventBody({ key: `ingest/a+b%20%C3%BC%2B` }))).toMatchObject([
      { msg: 'ingest.foreign' },
    ]);
  });

  test('additional fields that nobody knows yet, and `s3:` before the name', async () => {
    const id = await worker.addRecord();
    const event = { ...(await put(id)), eventName: 's3:ObjectCreated:CompleteMultipartUpload' };
    const record = { ...eventRecord(event), glacierEventData: { x: 1 }, novelty: [null] };
    await worker.handled(JSON.stringify({ Records: [record], alsoNew: true }));
    expect(await statusOf(id)).toBe('ready');
  });

  test('several records in one message, for several images', async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => worker.addRecord()));
    const events = await Promise.all(ids.map((id) => put(id)));
    await worker.handled(eventBody(...events, { key: 'foreign' }));
    expect(await Promise.all(ids.map(statusOf))).toEqual(ids.map(() => 'ready'));
  });

  test('the legacy prefix, for a record that has it', async () => {
    const legacyId = newImageId();
    const key = `uploads/${legacyId}`;
    const { versionId } = await worker.bucket.put(key, png, 'image/png');
    await worker.addRecord('image/png', key, legacyId);
    await worker.handled(eventBody({ key, versionId }));
    expect(await worker.record(legacyId)).toMatchObject({ status: 'ready', versionId });
  });
});

describe('without a record for it', () => {
  test.each<[string, () => Promise<string>]>([
    ['an unknown id', async () => ingestKey(newImageId())],
    ['an id whose record has another key', async () => `uploads/${await worker.addRecord()}`],
  ])('%s: three tries, then a dead letter', async (_, makeKey) => {
    const key = await makeKey();
    worker.proxies.sqs.passed.length = 0;
    const { versionId, etag } = await worker.bucket.put(key, png, 'image/png');
    const body = eventBody({ key, versionId, etag });
    const lines = await worker.handled(body);
    expect(lines.map(({ msg, receiveCount }) => [msg, receiveCount])).toEqual([
      ['message.retried', 1],
      ['message.retried', 2],
      ['message.retried', 3],
    ]);
    expect(lines[0]).toMatchObject({ err: { code: 'UNKNOWN_RECORD' } });
    // Soon, later, and at once: a message that comes back for the fourth time is a dead letter.
    expect(visibilityChanges(worker.proxies.sqs.passed)).toEqual([5, 30, 0]);
    expect((await worker.queue.takeDeadLetters()).map(({ Body }) => Body)).toEqual([body]);
    // Whoever looks into it may need the object.
    expect(await worker.bucket.read(key, versionId)).toEqual(png);
  });

  test('a record that comes late is not too late', async () => {
    const id = newImageId();
    const event = await put(id);
    const messageId = await worker.queue.send(eventBody(event));
    await worker.log.find((line) => line.messageId === messageId && line.msg === 'message.retried');
    await worker.addRecord('image/png', event.key, id);
    await worker.settled();
    expect(await statusOf(id)).toBe('ready');
    await noDeadLetters();
  });
});
