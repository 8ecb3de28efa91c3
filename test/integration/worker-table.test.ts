import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CONTENT_TYPES, type ContentType } from '../../src/domain/content-types.ts';
import { ingestKey } from '../../src/domain/object-keys.ts';
import { drawTinyImages, type TinyImages } from '../support/tiny-images.ts';
import { startTestWorker, type TestWorker } from '../support/worker.ts';

const MAX_SIZE = 2_000;

let images: TinyImages;
let worker: TestWorker;

beforeAll(async () => {
  images = await drawTinyImages();
  worker = await startTestWorker({ environment: { S3_MAX_INGEST_SIZE_BYTES: String(MAX_SIZE) } });
});
afterAll(() => worker.close());

/** A record and an upload for it; resolves when the worker is done with it. */
async function ingest(declared: ContentType, bytes: Uint8Array, stored: string = declared) {
  const id = await worker.addRecord(declared);
  const { versionId, etag } = await worker.bucket.put(ingestKey(id), bytes, stored);
  await worker.settled();
  const versions = await worker.bucket.versions(ingestKey(id));
  return { id, versionId, etag, versions, record: await worker.record(id) };
}

function padded(head: Uint8Array, size: number): Buffer {
  return Buffer.concat([head, Buffer.alloc(size - head.length)]);
}

describe('what is as declared becomes ready', () => {
  test.each(CONTENT_TYPES)('%s', async (contentType) => {
    const { id, versionId, etag, versions, record } = await ingest(
      contentType,
      images[contentType],
    );
    expect(record).toMatchObject({
      status: 'ready',
      contentType,
      sizeBytes: images[contentType].length,
      versionId,
      etag,
      failureReason: null,
    });
    expect(versionId).toMatch(/./);
    expect(record.updatedAt.getTime()).toBeGreaterThan(record.createdAt.getTime());
    expect(versions).toEqual([{ key: ingestKey(id), versionId }]);
    expect(await worker.bucket.read(ingestKey(id), versionId)).toEqual(images[contentType]);
  });

  test('at the largest size that is allowed', async () => {
    const { record } = await ingest('image/png', padded(images['image/png'], MAX_SIZE));
    expect(record).toMatchObject({ status: 'ready', sizeBytes: MAX_SIZE });
  });
});

describe('what is not becomes failed, and its object is deleted', () => {
  test.each<[string, string, () => Promise<Awaited<ReturnType<typeof ingest>>>]>([
    ['no bytes', 'EMPTY', () => ingest('image/png', Buffer.alloc(0))],
    [
      'one byte too many',
      'SIZE_EXCEEDED',
      () => ingest('image/png', padded(images['image/png'], MAX_SIZE + 1)),
    ],
    [
      'other bytes than declared',
      'CONTENT_TYPE_MISMATCH',
      () => ingest('image/jpeg', images['image/png']),
    ],
    [
      'no picture at all',
      'CONTENT_TYPE_MISMATCH',
      () => ingest('image/png', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')),
    ],
    [
      'another stored content type',
      'CONTENT_TYPE_MISMATCH',
      () => ingest('image/png', images['image/png'], 'image/jpeg'),
    ],
    [
      'a stored content type with a parameter',
      'CONTENT_TYPE_MISMATCH',
      () => ingest('image/png', images['image/png'], 'image/png; charset=utf-8'),
    ],
    [
      'fewer than twelve bytes',
      'CONTENT_TYPE_MISMATCH',
      () => ingest('image/png', images['image/png'].subarray(0, 11)),
    ],
    [
      'twelve bytes, which tell no more than the format',
      'UNDECODABLE',
      () => ingest('image/png', images['image/png'].subarray(0, 12)),
    ],
    [
      'a picture cut short',
      'UNDECODABLE',
      () => ingest('image/jpeg', images['image/jpeg'].subarray(0, -30)),
    ],
    ['a single byte', 'CONTENT_TYPE_MISMATCH', () => ingest('image/jpeg', Buffer.from([0xff]))],
  ])('%s: %s', async (_, failureReason, upload) => {
    const { record, versions } = await upload();
    expect(record).toMatchObject({
      status: 'failed',
      failureReason,
      sizeBytes: null,
      versionId: null,
      etag: null,
    });
    expect(versions).toEqual([]);
  });

  test('and nothing of all this was tried twice, or became a dead letter', async () => {
    const counts = worker.log.lines.flatMap((line) => line.receiveCount ?? []);
    expect(new Set(counts)).toEqual(new Set([1]));
    expect(await worker.queue.takeDeadLetters()).toEqual([]);
  });
});

describe('an upload URL that is used again', () => {
  test('after the picture was checked: the new version goes, what is served stays', async () => {
    const { id, versionId, record } = await ingest('image/png', images['image/png']);
    await worker.bucket.put(ingestKey(id), padded(images['image/png'], 500), 'image/png');
    await worker.settled();
    expect(await worker.record(id)).toEqual(record);
    expect(await worker.bucket.versions(ingestKey(id))).toEqual([
      { key: ingestKey(id), versionId },
    ]);
    expect(await worker.bucket.read(ingestKey(id), versionId)).toEqual(images['image/png']);
    expect(worker.log.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', msg: 'ingest.overwrite_refused', imageId: id }),
    );
  });

  test('with the same bytes: still another version, so it goes', async () => {
    const { id, versionId } = await ingest('image/png', images['image/png']);
    await worker.bucket.put(ingestKey(id), images['image/png'], 'image/png');
    await worker.settled();
    expect(await worker.bucket.versions(ingestKey(id))).toEqual([
      { key: ingestKey(id), versionId },
    ]);
  });

  test('after it failed: a good picture comes too late, and goes', async () => {
    const { id } = await ingest('image/png', Buffer.from('not a picture'));
    await worker.bucket.put(ingestKey(id), images['image/png'], 'image/png');
    await worker.settled();
    expect(await worker.record(id)).toMatchObject({
      status: 'failed',
      failureReason: 'CONTENT_TYPE_MISMATCH',
    });
    expect(await worker.bucket.versions(ingestKey(id))).toEqual([]);
  });

  test('many times at once: one version is served, the others are gone', async () => {
    const id = await worker.addRecord('image/png');
    const uploads = Array.from({ length: 12 }, (_, index) =>
      worker.bucket.put(ingestKey(id), padded(images['image/png'], 600 + index), 'image/png'),
    );
    await Promise.all(uploads);
    await worker.settled();
    const record = await worker.record(id);
    expect(record.status).toBe('ready');
    expect(await worker.bucket.versions(ingestKey(id))).toEqual([
      { key: ingestKey(id), versionId: record.versionId },
    ]);
    const served = await worker.bucket.read(ingestKey(id), record.versionId);
    expect(served?.length).toBe(record.sizeBytes);
  });
});
