import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { ImageId } from '../../src/domain/image-id.ts';
import { imageThumbnailKey, ingestKey } from '../../src/domain/object-keys.ts';
import type { ReapDeps } from '../../src/features/reaper/reap.ts';
import { newImageId } from '../../src/shared/image-ids.ts';
import { eventually } from '../support/eventually.ts';
import { openTestReaper } from '../support/reaper.ts';
import { drawTinyImages, type TinyImages } from '../support/tiny-images.ts';
import { startTestWorker, type TestWorker, withoutDelays } from '../support/worker.ts';

let images: TinyImages;
let worker: TestWorker;

beforeAll(async () => {
  images = await drawTinyImages();
});

beforeEach(async () => {
  worker = await startTestWorker({ environment: { REAP_CRON: 'off' } });
});

afterEach(async () => {
  await worker.close();
});

test('two reapers and a worker at once come to the end that any of them would', async () => {
  const other = (await drawTinyImages(3))['image/png'];
  const ids: ImageId[] = [];
  for (let count = 0; count < 12; count += 1) ids.push(await worker.addRecord());
  // Its event is tried in vain, which is not to take long.
  const orphan = ingestKey(newImageId());
  worker.proxies.sqs.judge(withoutDelays);
  const reapers = [openTestReaper(worker), openTestReaper(worker)];
  try {
    // A third each: good, bad, never uploaded; the worker is told of all of them.
    const uploads = ids.map(async (id, index) => {
      if (index % 3 === 0) {
        await worker.bucket.put(ingestKey(id), images['image/png'], 'image/png');
        await worker.bucket.put(ingestKey(id), other, 'image/png');
      } else if (index % 3 === 1) {
        await worker.bucket.put(ingestKey(id), Buffer.from('no image'), 'image/png');
      }
    });
    await Promise.all(uploads);
    await worker.bucket.put(orphan, other, 'image/png');
    const results = await Promise.all(reapers.map(({ reap }) => reap()));
    expect(results.map(({ errors }) => errors)).toEqual([0, 0]);

    await worker.settled();
    // Whatever the order was: a last run has nothing to do but what came in behind the others.
    await Promise.all(reapers.map(({ reap }) => reap()));
    for (const [index, id] of ids.entries()) {
      const record = await worker.record(id);
      const versions = await worker.bucket.versions(ingestKey(id));
      const thumbnails = await worker.bucket.versions(imageThumbnailKey(id));
      if (index % 3 === 0) {
        expect(record.status).toBe('ready');
        expect(versions.map(({ versionId }) => versionId)).toEqual([record.versionId]);
        expect(thumbnails.map(({ versionId }) => versionId)).toEqual([record.thumbnailVersionId]);
      } else {
        const failureReason = index % 3 === 1 ? 'CONTENT_TYPE_MISMATCH' : 'NEVER_UPLOADED';
        expect(record).toMatchObject({ status: 'failed', failureReason });
        expect([...versions, ...thumbnails]).toEqual([]);
      }
    }
    expect(await worker.bucket.versions(orphan)).toEqual([]);
    const told = [...worker.log.lines, ...reapers.flatMap(({ log }) => log.lines)].filter(
      ({ msg }) => msg === 'image.status_changed',
    );
    expect(told.map(({ imageId }) => imageId).toSorted()).toEqual(ids.toSorted());
  } finally {
    await Promise.all(reapers.map((reaper) => reaper.close()));
  }
});

test('an upload that comes between looking and failing is deleted when its event comes', async () => {
  const id = await worker.addRecord();
  const lateUpload = (deps: ReapDeps): ReapDeps => ({
    ...deps,
    records: {
      ...deps.records,
      async markFailed(...change) {
        await deps.records.markFailed(...change);
        await worker.bucket.put(ingestKey(id), images['image/png'], 'image/png');
        return true;
      },
    },
  });
  const reaper = openTestReaper(worker, { wrap: lateUpload });
  try {
    await reaper.reap();
    await worker.log.find(({ msg }) => msg === 'ingest.already_failed');
    expect((await worker.record(id)).failureReason).toBe('NEVER_UPLOADED');
    expect(await worker.bucket.versions(ingestKey(id))).toEqual([]);
  } finally {
    await reaper.close();
  }
});

test('a worker that is faster has the last word', async () => {
  const id = await worker.addRecord();
  const fasterWorker = (deps: ReapDeps): ReapDeps => ({
    ...deps,
    records: {
      ...deps.records,
      async markFailed(...change) {
        await worker.bucket.put(ingestKey(id), images['image/png'], 'image/png');
        await eventually(async () => expect((await worker.record(id)).status).toBe('ready'));
        return deps.records.markFailed(...change);
      },
    },
  });
  const reaper = openTestReaper(worker, { wrap: fasterWorker });
  try {
    expect(await reaper.reap()).toMatchObject({ never_uploaded: 0, errors: 0, orphans_deleted: 0 });
    expect((await worker.record(id)).status).toBe('ready');
    expect(reaper.log.lines).toContainEqual(
      expect.objectContaining({ msg: 'image.reaped', imageId: id, outcome: 'superseded' }),
    );
    expect(await worker.bucket.versions(ingestKey(id))).toHaveLength(1);
  } finally {
    await reaper.close();
  }
});
