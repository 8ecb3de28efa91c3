import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { createContext } from '../../../src/app/context.ts';
import type { ImageId } from '../../../src/domain/image-id.ts';
import type { ImageRecord } from '../../../src/shared/image-records.ts';
import { imageRecord } from '../../support/image-record.ts';
import { captureLog } from '../../support/log.ts';

const unused = async () => [];

function newContext(findMany: (ids: readonly ImageId[]) => Promise<ImageRecord[]> = unused) {
  const { logger } = captureLog();
  const deps = { logger, records: { findMany }, wishlist: { findMany: unused } };
  return createContext({ ...deps, signer: { sign: unused } }, 'request-1', null);
}

test('each request has loaders of its own, made when they are asked for', () => {
  const [one, other] = [newContext().loaders, newContext().loaders];
  for (const name of ['images', 'access', 'wishlistItem'] as const) {
    expect(one[name]).toBe(one[name]);
    expect(one[name]).not.toBe(other[name]);
  }
});

test('what a request has loaded is gone with the next small collection', async () => {
  const REQUESTS = 100;
  const BYTES = 100_000;
  setFlagsFromString('--expose-gc');
  const collect: (options: { type: 'minor' }) => void = runInNewContext('gc');
  const record = imageRecord({});

  async function ask(): Promise<void> {
    // A number takes eight bytes.
    const findMany = async () => [{ ...record, picture: Array(BYTES / 8).fill(0.5) }];
    await newContext(findMany).loaders.images.one(record.id);
  }

  await ask();
  collect({ type: 'minor' });
  const before = process.memoryUsage().heapUsed;
  for (let request = 0; request < REQUESTS; request += 1) {
    await ask();
    if (request % 10 === 9) collect({ type: 'minor' });
  }
  collect({ type: 'minor' });
  expect(process.memoryUsage().heapUsed - before).toBeLessThan((REQUESTS * BYTES) / 4);
});
