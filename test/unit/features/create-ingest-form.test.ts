import { expect, test } from '@jest/globals';
import type { ImageId } from '../../../src/domain/image-id.ts';
import {
  type CreateIngestFormDeps,
  makeCreateIngestForm,
} from '../../../src/features/ingest/create-ingest-form.ts';
import { imageRecord } from '../../support/image-record.ts';

const ID = '01ARZ3NDEKTSV4RRFFQ69G5FAV' as ImageId;
const INPUT = { contentType: 'image/webp', fileName: 'cat.webp' };

/** The use-case over fakes that write down what is asked of them. */
function makeUseCase(faults: { insert?: Error; presign?: Error } = {}) {
  const calls: unknown[] = [];
  const deps: CreateIngestFormDeps = {
    records: {
      async insert(image) {
        calls.push({ insert: image });
        if (faults.insert) throw faults.insert;
        return imageRecord({ ...image, status: 'pending' });
      },
    },
    objects: {
      async presignForm(form) {
        calls.push({ presign: form });
        if (faults.presign) throw faults.presign;
        return { url: 'https://upload', fields: [], expiresAt: new Date(0) };
      },
    },
    newImageId: () => ID,
    maxSizeBytes: 1000,
    expiresInSeconds: 300,
  };
  return { calls, createIngestForm: makeCreateIngestForm(deps) };
}

test('stores the record, then signs for its key, type and the largest size', async () => {
  const { calls, createIngestForm } = makeUseCase();
  const objectKey = `ingest/${ID}`;
  expect(await createIngestForm(INPUT)).toMatchObject({
    image: { id: ID, status: 'pending' },
    form: { url: 'https://upload' },
    maxSizeBytes: 1000,
  });
  expect(calls).toEqual([
    { insert: { ...INPUT, id: ID, objectKey } },
    {
      presign: {
        key: objectKey,
        contentType: 'image/webp',
        maxSizeBytes: 1000,
        expiresInSeconds: 300,
      },
    },
  ]);
});

test.each([
  [{ contentType: 'image/*' }, 'UNSUPPORTED_CONTENT_TYPE', 'contentType'],
  [{ fileName: '' }, 'INVALID_FILE_NAME', 'fileName'],
  // What is wrong first is what is said.
  [{ contentType: '', fileName: '' }, 'UNSUPPORTED_CONTENT_TYPE', 'contentType'],
])('refuses %j, and does nothing', async (change, code, field) => {
  const { calls, createIngestForm } = makeUseCase();
  await expect(createIngestForm({ ...INPUT, ...change })).rejects.toMatchObject({ code, field });
  expect(calls).toEqual([]);
});

test('without a record there is no form', async () => {
  const { calls, createIngestForm } = makeUseCase({ insert: new Error('database away') });
  await expect(createIngestForm(INPUT)).rejects.toThrow('database away');
  expect(calls).toHaveLength(1);
});

test('a fault in signing is a fault', async () => {
  const { createIngestForm } = makeUseCase({ presign: new Error('no credentials') });
  await expect(createIngestForm(INPUT)).rejects.toThrow('no credentials');
});
