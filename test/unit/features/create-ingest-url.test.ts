import { expect, test } from '@jest/globals';
import type { ImageId } from '../../../src/domain/image-id.ts';
import {
  type CreateIngestUrlDeps,
  type IngestUrlInput,
  makeCreateIngestUrl,
} from '../../../src/features/ingest/create-ingest-url.ts';
import { imageRecord } from '../../support/image-record.ts';

const ID = '01ARZ3NDEKTSV4RRFFQ69G5FAV' as ImageId;

/** The use-case over fakes that write down what is asked of them. */
function makeUseCase(faults: { insert?: Error; presign?: Error } = {}) {
  const calls: unknown[] = [];
  const deps: CreateIngestUrlDeps = {
    records: {
      async insert(image) {
        calls.push({ insert: image });
        if (faults.insert) throw faults.insert;
        return imageRecord({ ...image, status: 'pending' });
      },
    },
    objects: {
      async presignUpload(upload) {
        calls.push({ presign: upload });
        if (faults.presign) throw faults.presign;
        return { url: 'https://upload', headers: [], expiresAt: new Date(0) };
      },
    },
    newImageId: () => ID,
    maxSizeBytes: 1000,
    expiresInSeconds: 300,
  };
  return { calls, createIngestUrl: makeCreateIngestUrl(deps) };
}

const INPUT: IngestUrlInput = { contentType: 'image/webp', fileName: 'cat.webp' };

test('stores the record, then signs for its key', async () => {
  const { calls, createIngestUrl } = makeUseCase();
  const { image, upload } = await createIngestUrl(INPUT);
  expect(image).toMatchObject({ id: ID, status: 'pending' });
  expect(upload.url).toBe('https://upload');
  expect(calls).toEqual([
    {
      insert: {
        id: ID,
        contentType: 'image/webp',
        fileName: 'cat.webp',
        objectKey: `ingest/${ID}`,
      },
    },
    {
      presign: {
        key: `ingest/${ID}`,
        contentType: 'image/webp',
        contentLength: undefined,
        onlyOnce: undefined,
        expiresInSeconds: 300,
      },
    },
  ]);
});

test('hands the options on to the signature', async () => {
  const { calls, createIngestUrl } = makeUseCase();
  await createIngestUrl({ ...INPUT, contentLength: 1000, overwriteProtected: true });
  expect(calls[1]).toMatchObject({ presign: { contentLength: 1000, onlyOnce: true } });
});

test.each([
  [{ contentType: 'image/*' }, 'UNSUPPORTED_CONTENT_TYPE', 'contentType'],
  [{ fileName: '' }, 'INVALID_FILE_NAME', 'fileName'],
  [{ contentLength: 0 }, 'INVALID_CONTENT_LENGTH', 'contentLength'],
  [{ contentLength: 1001 }, 'INVALID_CONTENT_LENGTH', 'contentLength'],
  [{ contentLength: 1.5 }, 'INVALID_CONTENT_LENGTH', 'contentLength'],
  [{ contentLength: Number.NaN }, 'INVALID_CONTENT_LENGTH', 'contentLength'],
  // What is wrong first is what is said.
  [{ contentType: '', fileName: '', contentLength: -1 }, 'UNSUPPORTED_CONTENT_TYPE', 'contentType'],
])('refuses %j, and does nothing', async (change, code, field) => {
  const { calls, createIngestUrl } = makeUseCase();
  await expect(createIngestUrl({ ...INPUT, ...change })).rejects.toMatchObject({ code, field });
  expect(calls).toEqual([]);
});

test('without a record there is no URL', async () => {
  const { calls, createIngestUrl } = makeUseCase({ insert: new Error('database away') });
  await expect(createIngestUrl(INPUT)).rejects.toThrow('database away');
  expect(calls).toHaveLength(1);
});

test('a fault in signing is a fault', async () => {
  const { createIngestUrl } = makeUseCase({ presign: new Error('no credentials') });
  await expect(createIngestUrl(INPUT)).rejects.toThrow('no credentials');
});
