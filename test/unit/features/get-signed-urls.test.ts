import { describe, expect, test } from '@jest/globals';
import { createContext } from '../../../src/app/context.ts';
import { MAX_IDS } from '../../../src/domain/id-list.ts';
import type { ImageId } from '../../../src/domain/image-id.ts';
import { findImage, findImages } from '../../../src/features/serve/find-images.ts';
import {
  makeGetSignedUrl,
  makeGetSignedUrls,
} from '../../../src/features/serve/get-signed-urls.ts';
import type { CdnTarget } from '../../../src/shared/cdn-signer.ts';
import type { ImageRecord, ImageRecords } from '../../../src/shared/image-records.ts';
import { imageRecord } from '../../support/image-record.ts';
import { captureLog } from '../../support/log.ts';

/** The id that ends in this digit. */
function idOf(digit: number): ImageId {
  return `0000000000000000000000000${digit}` as ImageId;
}

const EXPIRES_AT = new Date(1_000_000);

/** A fake table and a fake signer that write down what is asked of them. */
function makeDeps(records: ImageRecord[]) {
  const lookups: string[][] = [];
  const signings: CdnTarget[][] = [];
  const find = (id: ImageId) => records.find((record) => record.id === id);
  const table = {
    async findMany(ids: readonly ImageId[]) {
      lookups.push([...ids]);
      return ids.map((id) => find(id) ?? null);
    },
    async findObjects(ids: readonly ImageId[]) {
      lookups.push([...ids]);
      return new Map(ids.flatMap((id) => find(id) ?? []).map((record) => [record.id, record]));
    },
  };
  const signer = {
    async sign(targets: readonly CdnTarget[]) {
      signings.push([...targets]);
      return targets.map(({ key, versionId }) => ({
        downloadUrl: `signed:${key}:${versionId}`,
        expiresAt: EXPIRES_AT,
      }));
    },
  };
  const deps = { records: table, signer };
  const getSignedUrl = makeGetSignedUrl(deps);
  return { deps, lookups, signings, getSignedUrl, getSignedUrls: makeGetSignedUrls(deps) };
}

/** The real loaders over them. */
function makeLoaders(images: ImageRecord[], table?: Pick<ImageRecords, 'findMany'>) {
  const { deps, lookups } = makeDeps(images);
  const records = table ?? deps.records;
  const { logger } = captureLog();
  const wishlist = {
    findMany: async (_userId: string, ids: readonly unknown[]) => ids.map(() => null),
  };
  const { loaders } = createContext({ ...deps, records, logger, wishlist }, 'request-1', null);
  return { loaders, lookups };
}

const READY = imageRecord({ id: idOf(1), versionId: 'v1' });
const READY_TOO = imageRecord({ id: idOf(2) });
const PENDING = imageRecord({ id: idOf(3), status: 'pending' });
const FAILED = imageRecord({ id: idOf(4), status: 'failed', failureReason: 'EMPTY' });
const ALL = [READY, READY_TOO, PENDING, FAILED];

function signed(record: ImageRecord) {
  const downloadUrl = `signed:${record.objectKey}:${record.versionId}`;
  return { id: record.id, access: { downloadUrl, expiresAt: EXPIRES_AT } };
}

describe('getSignedUrl', () => {
  test('signs the validated version of a ready image', async () => {
    const { getSignedUrl, signings } = makeDeps(ALL);
    expect(await getSignedUrl(READY.id)).toEqual(signed(READY));
    expect(signings).toEqual([[{ key: READY.objectKey, versionId: 'v1' }]]);
  });

  test.each([
    [idOf(9), 'IMAGE_NOT_FOUND', 'image not found'],
    ['garbage', 'IMAGE_NOT_FOUND', 'image not found'],
    [PENDING.id, 'IMAGE_NOT_AVAILABLE', 'image is not yet available'],
    [FAILED.id, 'IMAGE_FAILED', 'image failed validation: the file is empty'],
  ])('refuses %s: %s', async (id, code, message) => {
    const { getSignedUrl, signings } = makeDeps(ALL);
    await expect(getSignedUrl(id)).rejects.toMatchObject({ code, message });
    expect(signings).toEqual([]);
  });
});

describe('getSignedUrls', () => {
  test('collapses duplicates and keeps the order of the first appearance', async () => {
    const { getSignedUrls, lookups, signings } = makeDeps(ALL);
    const ids = ['x', READY_TOO.id, PENDING.id, READY.id, 'x', READY_TOO.id, FAILED.id, idOf(9)];
    expect(await getSignedUrls(ids)).toEqual({
      items: [signed(READY_TOO), signed(READY)],
      notFound: ['x', PENDING.id, FAILED.id, idOf(9)],
    });
    expect(lookups).toEqual([[READY_TOO.id, PENDING.id, READY.id, FAILED.id, idOf(9)]]);
    expect(signings).toEqual([
      [READY_TOO, READY].map(({ objectKey: key, versionId }) => ({ key, versionId })),
    ]);
  });

  test('refuses an empty list', async () => {
    const { getSignedUrls } = makeDeps([]);
    await expect(getSignedUrls([])).rejects.toMatchObject({ code: 'EMPTY_ID_LIST' });
  });

  test('takes 50 ids and refuses 51, asking nobody', async () => {
    const { getSignedUrls, lookups } = makeDeps([]);
    const ids = Array.from({ length: MAX_IDS + 1 }, () => READY.id);
    expect(MAX_IDS).toBe(50);
    await expect(getSignedUrls(ids)).rejects.toMatchObject({ code: 'TOO_MANY_IDS' });
    expect(lookups).toEqual([]);
    expect((await getSignedUrls(ids.slice(1))).notFound).toEqual([READY.id]);
  });

  test('a fault of the table is a fault, not "not found"', async () => {
    const { deps } = makeDeps([]);
    const findObjects = () => Promise.reject(new Error('database away'));
    const getSignedUrls = makeGetSignedUrls({ ...deps, records: { findObjects } });
    await expect(getSignedUrls([READY.id])).rejects.toThrow('database away');
  });
});

test('ids of which none can be one are answered without asking anybody', async () => {
  const { getSignedUrls, lookups } = makeDeps(ALL);
  expect(await getSignedUrls(['', 'x'])).toEqual({ items: [], notFound: ['', 'x'] });
  expect(lookups).toEqual([]);
});

describe('findImages', () => {
  test('is aligned with its ids and takes none', async () => {
    const { loaders, lookups } = makeLoaders(ALL);
    expect(await findImages(loaders, [])).toEqual([]);
    expect(await findImages(loaders, ['x'])).toEqual([null]);
    expect(lookups).toEqual([]);
    expect(await findImages(loaders, ['', PENDING.id, 'x', idOf(9), PENDING.id])).toEqual([
      null,
      PENDING,
      null,
      null,
      PENDING,
    ]);
  });

  test('lists of the same tick share one query, and each gets its own', async () => {
    const { loaders, lookups } = makeLoaders(ALL);
    const lists = [[READY.id, 'x', READY.id, idOf(9)], [], [FAILED.id, READY.id]];
    expect(await Promise.all(lists.map((ids) => findImages(loaders, ids)))).toEqual([
      [READY, null, READY, null],
      [],
      [FAILED, READY],
    ]);
    expect(lookups).toEqual([[READY.id, idOf(9), FAILED.id]]);
    // Nor is anything asked for again, alone or in other company.
    expect(await findImage(loaders, FAILED.id)).toEqual(FAILED);
    expect(await findImages(loaders, [PENDING.id, READY.id])).toEqual([PENDING, READY]);
    expect(lookups.slice(1)).toEqual([[PENDING.id]]);
  });

  test('a fault of the table reaches everybody who waits for it', async () => {
    const { deps } = makeDeps([]);
    const { images } = makeLoaders([], {
      ...deps.records,
      findMany: () => Promise.reject(new Error('database away')),
    }).loaders;
    const waiting = [images.one(READY.id), images.list([READY.id, FAILED.id])];
    expect(await Promise.allSettled(waiting)).toEqual([
      expect.objectContaining({ reason: new Error('database away') }),
      expect.objectContaining({ reason: new Error('database away') }),
    ]);
  });
});
