import { describe, expect, test } from '@jest/globals';
import { createContext } from '../../../src/app/context.ts';
import { MAX_IDS } from '../../../src/domain/id-list.ts';
import type { ImageId } from '../../../src/domain/image-id.ts';
import { findImages } from '../../../src/features/serve/find-images.ts';
import { getSignedUrl, getSignedUrls } from '../../../src/features/serve/get-signed-urls.ts';
import type { CdnTarget } from '../../../src/shared/cdn-signer.ts';
import type { ImageRecord } from '../../../src/shared/image-records.ts';
import { imageRecord } from '../../support/image-record.ts';
import { captureLog } from '../../support/log.ts';

/** The id that ends in this digit. */
function idOf(digit: number): ImageId {
  return `0000000000000000000000000${digit}` as ImageId;
}

const EXPIRES_AT = new Date(1_000_000);

/** The real loaders over a fake table and a fake signer that write down what is asked of them. */
function makeLoaders(records: ImageRecord[]) {
  const lookups: string[][] = [];
  const signings: CdnTarget[][] = [];
  const { loaders } = createContext(
    {
      logger: captureLog().logger,
      records: {
        async findMany(ids) {
          lookups.push([...ids]);
          return ids.map((id) => records.find((record) => record.id === id) ?? null);
        },
      },
      signer: {
        async sign(targets) {
          signings.push([...targets]);
          return targets.map(({ key, versionId }) => ({
            downloadUrl: `signed:${key}:${versionId}`,
            expiresAt: EXPIRES_AT,
          }));
        },
      },
      wishlist: { findMany: async (_userId, ids) => ids.map(() => null) },
    },
    'request-1',
    null,
  );
  return { loaders, lookups, signings };
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
    const { loaders, signings } = makeLoaders(ALL);
    expect(await getSignedUrl(loaders, READY.id)).toEqual(signed(READY));
    expect(signings).toEqual([[{ key: READY.objectKey, versionId: 'v1' }]]);
  });

  test.each([
    [idOf(9), 'IMAGE_NOT_FOUND', 'image not found'],
    ['garbage', 'IMAGE_NOT_FOUND', 'image not found'],
    [PENDING.id, 'IMAGE_NOT_AVAILABLE', 'image is not yet available'],
    [FAILED.id, 'IMAGE_FAILED', 'image failed validation: the file is empty'],
  ])('refuses %s: %s', async (id, code, message) => {
    const { loaders, signings } = makeLoaders(ALL);
    await expect(getSignedUrl(loaders, id)).rejects.toMatchObject({ code, message });
    expect(signings).toEqual([]);
  });
});

describe('getSignedUrls', () => {
  test('collapses duplicates and keeps the order of the first appearance', async () => {
    const { loaders, lookups, signings } = makeLoaders(ALL);
    const ids = ['x', READY_TOO.id, PENDING.id, READY.id, 'x', READY_TOO.id, FAILED.id, idOf(9)];
    expect(await getSignedUrls(loaders, ids)).toEqual({
      items: [signed(READY_TOO), signed(READY)],
      notFound: ['x', PENDING.id, FAILED.id, idOf(9)],
    });
    expect(lookups).toEqual([[READY_TOO.id, PENDING.id, READY.id, FAILED.id, idOf(9)]]);
    expect(signings).toEqual([
      [READY_TOO, READY].map(({ objectKey: key, versionId }) => ({ key, versionId })),
    ]);
  });

  test('refuses an empty list', async () => {
    const { loaders } = makeLoaders([]);
    await expect(getSignedUrls(loaders, [])).rejects.toMatchObject({ code: 'EMPTY_ID_LIST' });
  });

  test('takes 50 ids and refuses 51, asking nobody', async () => {
    const { loaders, lookups } = makeLoaders([]);
    const ids = Array.from({ length: MAX_IDS + 1 }, () => READY.id);
    expect(MAX_IDS).toBe(50);
    await expect(getSignedUrls(loaders, ids)).rejects.toMatchObject({ code: 'TOO_MANY_IDS' });
    expect(lookups).toEqual([]);
    expect((await getSignedUrls(loaders, ids.slice(1))).notFound).toEqual([READY.id]);
  });

  test('a fault of the table is a fault, not "not found"', async () => {
    const { loaders } = makeLoaders([]);
    loaders.image.prime(READY.id, new Error('database away'));
    await expect(getSignedUrls(loaders, [READY.id])).rejects.toThrow('database away');
  });
});

test('findImages is aligned with its ids and takes none', async () => {
  const { loaders, lookups } = makeLoaders(ALL);
  expect(await findImages(loaders, [])).toEqual([]);
  expect(lookups).toEqual([]);
  expect(await findImages(loaders, ['', PENDING.id, idOf(9), PENDING.id])).toEqual([
    null,
    PENDING,
    null,
    PENDING,
  ]);
});
