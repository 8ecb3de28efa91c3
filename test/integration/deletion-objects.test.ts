import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { CdnTarget } from '../../src/domain/cdn-path.ts';
import type { ImageId } from '../../src/domain/image-id.ts';
import { imageThumbnailKey, ingestKey } from '../../src/domain/object-keys.ts';
import {
  addReadyImage,
  openTestDeletion,
  pathsOf,
  startTestCdn,
  type TestCdn,
  type TestDeletion,
} from '../support/deletion.ts';
import { type Surroundings, startSurroundings } from '../support/surroundings.ts';
import { drawTinyImages } from '../support/tiny-images.ts';

/** What finishing does to the bucket and to the CDN; both real, on this machine. */

let png: Buffer;
let surroundings: Surroundings;
let cdn: TestCdn;
let deletion: TestDeletion;

beforeAll(async () => {
  png = (await drawTinyImages())['image/png'];
});

async function start(versioned = true): Promise<void> {
  surroundings = await startSurroundings({ versioned, notify: false });
  cdn = await startTestCdn(surroundings);
  deletion = openTestDeletion(surroundings, cdn);
}

afterEach(async () => {
  await deletion.close();
  await cdn.close();
  await surroundings.close();
});

const left = (id: ImageId) =>
  surroundings.bucket
    .versions()
    .then((all) => all.filter(({ key }) => key.includes(id)).map(({ key }) => key));

const view = (targets: readonly CdnTarget[]) =>
  Promise.all(targets.map((target) => cdn.view(target)));

describe('a deleted image', () => {
  beforeEach(() => start());

  test('is gone from the bucket with every version, and from the CDN', async () => {
    const { id, targets } = await addReadyImage(surroundings, png);
    const other = await addReadyImage(surroundings, png);
    const { bucket } = surroundings;
    // An overwrite that no event has told of, an older thumbnail, a delete marker of somebody's.
    await bucket.put(ingestKey(id), Buffer.from('another'), 'image/png');
    await bucket.put(imageThumbnailKey(id), png, 'image/jpeg');
    await bucket.deleteVersion(ingestKey(id), null);
    // Longer keys are others' keys.
    const longer = [`${ingestKey(id)}0`, `${imageThumbnailKey(id)}x`];
    for (const key of longer) await bucket.put(key, png);
    await view([...targets, ...other.targets]);
    expect(await view(targets)).toEqual(['200 Hit from cloudfront', '200 Hit from cloudfront']);

    await deletion.request(id);
    expect(await deletion.finish(id)).toEqual({ finished: 1 });

    expect((await left(id)).toSorted()).toEqual(longer.toSorted());
    expect(await bucket.read(ingestKey(id))).toBeNull();
    // Signed URLs that are still good read nothing any more.
    expect(await view(targets)).toEqual(['404 Error from cloudfront', '404 Error from cloudfront']);
    expect(await view(other.targets)).toEqual([
      '200 Hit from cloudfront',
      '200 Hit from cloudfront',
    ]);
    expect(cdn.invalidated()).toEqual([pathsOf(targets)]);
    expect(await deletion.finish(id)).toEqual({ finished: 0 });
  });

  test('many are one call to the CDN, and none is made for what was never ready', async () => {
    const images = [
      await addReadyImage(surroundings, png),
      await addReadyImage(surroundings, png),
      await addReadyImage(surroundings, png),
    ];
    const pending = await surroundings.addRecord();
    await surroundings.bucket.put(ingestKey(pending), png, 'image/png');
    const failed = await surroundings.addRecord();
    await surroundings.records.markFailed(failed, 'EMPTY');
    const ids = [...images.map(({ id }) => id), pending, failed];
    await deletion.request(...ids);
    expect(await deletion.finish(...ids)).toEqual({ finished: 5 });
    expect(await surroundings.bucket.versions()).toEqual([]);
    expect(cdn.invalidated()).toEqual([pathsOf(images.flatMap(({ targets }) => targets))]);

    const quiet = await surroundings.addRecord();
    await deletion.request(quiet);
    expect(await deletion.finish(quiet)).toEqual({ finished: 1 });
    expect(cdn.invalidated()).toHaveLength(1);
  });

  test('an invalidation whose answer was lost is the same one the next time', async () => {
    const { id, targets } = await addReadyImage(surroundings, png);
    await deletion.request(id);
    // The answer never comes, however often the client tries by itself.
    cdn.proxy.judge(() => ({ afterwards: () => {} }));
    await expect(deletion.finish(id)).rejects.toThrow();
    expect(await deletion.deletions.find(id)).toMatchObject({ finishedAt: null });

    cdn.proxy.judge(() => 'pass');
    expect(await deletion.finish(id)).toEqual({ finished: 1 });
    const references = cdn.proxy.passed.map(
      ({ body }) => /<CallerReference>(.+)<\/CallerReference>/.exec(body)?.[1],
    );
    expect(references.length).toBeGreaterThan(1);
    expect(new Set(references).size).toBe(1);
    expect(new Set(cdn.invalidated().map(String))).toEqual(new Set([String(pathsOf(targets))]));
  });

  test('while the CDN has too much to do it is not finished, but gone from the bucket', async () => {
    const { id } = await addReadyImage(surroundings, png);
    await deletion.request(id);
    cdn.proxy.judge(() => ({ status: 400 }));
    await expect(deletion.finish(id)).rejects.toThrow();
    expect(await surroundings.bucket.versions()).toEqual([]);
    cdn.proxy.judge(() => 'pass');
    expect(await deletion.sweep()).toEqual({ finished: 1, forgotten: 0 });
  });

  test('is remembered for longer than any event may take, then forgotten', async () => {
    const { id } = await addReadyImage(surroundings, png);
    await deletion.request(id);
    await deletion.finish(id);
    expect(await deletion.sweep(29)).toEqual({ finished: 0, forgotten: 0 });
    // Whatever slipped in behind the deletion goes before the memory of it.
    await surroundings.bucket.put(imageThumbnailKey(id), png, 'image/jpeg');
    expect(await deletion.sweep(31)).toEqual({ finished: 0, forgotten: 1 });
    expect(await deletion.deletions.find(id)).toBeNull();
    expect(await surroundings.bucket.versions()).toEqual([]);
  });

  test('a young one is left to its job by the sweep', async () => {
    const { id } = await addReadyImage(surroundings, png);
    await deletion.request(id);
    expect(await deletion.sweep(-1)).toEqual({ finished: 0, forgotten: 0 });
    expect(await deletion.sweep()).toEqual({ finished: 1, forgotten: 0 });
  });
});

test('without versions, the one object there is and its thumbnail go', async () => {
  await start(false);
  const { id, targets } = await addReadyImage(surroundings, png);
  expect(targets[0].versionId).toBeNull();
  await view(targets);
  await deletion.request(id);
  await deletion.finish(id);
  expect(await surroundings.bucket.versions()).toEqual([]);
  expect(cdn.invalidated()).toEqual([[`/${ingestKey(id)}`, `/${imageThumbnailKey(id)}`]]);
  expect(await view(targets)).toEqual(['404 Error from cloudfront', '404 Error from cloudfront']);
});

test('without a distribution nobody is called', async () => {
  await start();
  await deletion.close();
  deletion = openTestDeletion(surroundings);
  const { id } = await addReadyImage(surroundings, png);
  await deletion.request(id);
  expect(await deletion.finish(id)).toEqual({ finished: 1 });
  expect(cdn.invalidated()).toEqual([]);
});
