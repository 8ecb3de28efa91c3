import { DeleteObjectCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { ImageId } from '../../src/domain/image-id.ts';
import { imageThumbnailKey, ingestKey } from '../../src/domain/object-keys.ts';
import { newImageId } from '../../src/shared/image-ids.ts';
import { awsCredentials } from '../support/config.ts';
import { openTestReaper, query, type TestReaper } from '../support/reaper.ts';
import { BUCKET, type Surroundings, startSurroundings } from '../support/surroundings.ts';
import { drawTinyImages, type TinyImages } from '../support/tiny-images.ts';

let images: TinyImages;
let surroundings: Surroundings;
let reaper: TestReaper;

beforeAll(async () => {
  images = await drawTinyImages();
});

beforeEach(async () => {
  surroundings = await startSurroundings();
  reaper = openTestReaper(surroundings);
});

afterEach(async () => {
  await reaper.close();
  await surroundings.close();
});

function put(key: string, bytes: Uint8Array = images['image/png']) {
  return surroundings.bucket.put(key, bytes, 'image/png');
}

async function keysLeft(): Promise<string[]> {
  return (await surroundings.bucket.versions()).map(({ key }) => key);
}

/** A ready image, served from the version that was uploaded first. */
async function addReady(): Promise<{ id: ImageId; versionId: string | null }> {
  const id = await surroundings.addRecord();
  const { versionId } = await put(ingestKey(id));
  await reaper.reap();
  expect((await surroundings.record(id)).status).toBe('ready');
  return { id, versionId };
}

test('old objects without a record are deleted, whatever their key; young ones are kept', async () => {
  const orphan = ingestKey(newImageId());
  await put(orphan);
  await put(orphan, Buffer.from('again'));
  await put('ingest/not an image?');
  await put('ingested/elsewhere');
  await put(`uploads/${newImageId()}`);
  await reaper.cutHere();
  await put(ingestKey(newImageId()));
  await put(orphan, Buffer.from('young'));

  const dry = await reaper.reap({ dryRun: true });
  expect(await surroundings.bucket.versions()).toHaveLength(7);
  expect(dry).toMatchObject({ looked_at: 3, orphans_deleted: 3, errors: 0 });
  expect(await reaper.reap()).toEqual(dry);

  const left = await keysLeft();
  expect(left).toHaveLength(4);
  expect(left).toContain('ingested/elsewhere');
  expect(await surroundings.bucket.read(orphan)).toEqual(Buffer.from('young'));
  const told = reaper.log.lines.filter(({ msg }) => msg === 'ingest.orphan_deleted');
  expect(told).toHaveLength(3);
  expect(told.filter(({ imageId }) => imageId === null)).toHaveLength(1);
});

test('the object of a record with another key is an orphan', async () => {
  const id = await surroundings.addRecord();
  const key = `uploads/${id}`;
  await query(surroundings, 'UPDATE image_records SET object_key = $1', [key]);
  await put(key);
  await put(ingestKey(id));
  expect(await reaper.reap()).toMatchObject({ ready: 1, orphans_deleted: 1, errors: 0 });
  expect((await surroundings.record(id)).status).toBe('ready');
  expect((await keysLeft()).sort()).toEqual([imageThumbnailKey(id), key]);
});

test('an overwrite that leaked is deleted; what is served never is', async () => {
  const { id, versionId } = await addReady();
  const served = await surroundings.bucket.read(ingestKey(id), versionId);
  await put(ingestKey(id), (await drawTinyImages(9))['image/png']);
  // Even the very same bytes are another version.
  await put(ingestKey(id));

  const dry = await reaper.reap({ dryRun: true });
  expect(dry).toMatchObject({ looked_at: 2, overwrites_deleted: 2 });
  expect(await surroundings.bucket.versions(ingestKey(id))).toHaveLength(3);
  expect(await reaper.reap()).toEqual(dry);
  expect(await surroundings.bucket.versions(ingestKey(id))).toEqual([
    { key: ingestKey(id), versionId },
  ]);
  expect(await surroundings.bucket.read(ingestKey(id), versionId)).toEqual(served);
  expect(await surroundings.bucket.versions(imageThumbnailKey(id))).toHaveLength(1);
  expect(reaper.log.lines).toContainEqual(
    expect.objectContaining({ msg: 'ingest.overwrite_refused', imageId: id }),
  );
});

test('a young overwrite is left to its event', async () => {
  const { id } = await addReady();
  await reaper.cutHere();
  await put(ingestKey(id));
  expect(await reaper.reap()).toMatchObject({ looked_at: 0, overwrites_deleted: 0 });
  expect(await surroundings.bucket.versions(ingestKey(id))).toHaveLength(2);
});

test('what a crash after a failure has left is deleted', async () => {
  const id = await surroundings.addRecord();
  await query(
    surroundings,
    "UPDATE image_records SET status = 'failed', failure_reason = 'UNDECODABLE'",
  );
  await put(ingestKey(id));
  await put(imageThumbnailKey(id));
  expect(await reaper.reap()).toMatchObject({ looked_at: 1, overwrites_deleted: 1, errors: 0 });
  expect(await keysLeft()).toEqual([]);
});

test('delete markers that hide nothing any more are removed', async () => {
  const client = new S3Client({
    endpoint: surroundings.proxies.s3.url,
    region: 'us-east-1',
    credentials: awsCredentials,
    forcePathStyle: true,
  });
  try {
    const markersLeft = async () => {
      const page = await client.send(new ListObjectVersionsCommand({ Bucket: BUCKET }));
      return page.DeleteMarkers?.map(({ Key }) => Key) ?? [];
    };
    const { id, versionId } = await addReady();
    const orphan = ingestKey(newImageId());
    await put(orphan);
    for (const Key of [ingestKey(id), orphan, 'ingest/never']) {
      await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
    }
    await reaper.reap({ dryRun: true });
    expect(await markersLeft()).toHaveLength(3);

    expect(await reaper.reap()).toMatchObject({ orphans_deleted: 1, errors: 0 });
    // Above a served version it stays: the pinned version is readable through it.
    expect(await markersLeft()).toEqual([ingestKey(id)]);
    expect(await surroundings.bucket.read(ingestKey(id), versionId)).not.toBeNull();
  } finally {
    client.destroy();
  }
});

test('more than a page of objects is walked, one query a page, keys across pages told once', async () => {
  // Some 1,030 versions, whose thousandth is in the middle of a key's.
  const keys = Array.from({ length: 10 }, () => ingestKey(newImageId())).sort();
  for (const key of keys) {
    const some = Array.from({ length: 103 }, (_, index) => put(key, Buffer.from(`${index}`)));
    await Promise.all(some);
  }
  const { id } = await addReadyBeside(keys);
  const statements = reaper.statements.length;
  const seen: string[] = [];
  for await (const page of reaper.objects.listVersions('ingest/')) {
    seen.push(...page.map(({ key }) => key));
    for (const { versions } of page.filter(({ key }) => keys.includes(key))) {
      expect(versions).toHaveLength(103);
      const dates = versions.map(({ lastModified }) => lastModified.getTime());
      expect(dates).toEqual(dates.toSorted((a, b) => a - b));
    }
  }
  expect(seen.toSorted()).toEqual([...keys, ingestKey(id)].toSorted());

  expect(await reaper.reap()).toMatchObject({ orphans_deleted: 1030, errors: 0 });
  const queries = reaper.statements.slice(statements).filter((sql) => sql.includes('= ANY'));
  expect(queries.length).toBeLessThanOrEqual(2);
  expect(await surroundings.bucket.versions(ingestKey(id))).toHaveLength(1);
});

/** Young orphans are not the reaper's, so that this does not delete them. */
async function addReadyBeside(keys: string[]): Promise<{ id: ImageId }> {
  const id = await surroundings.addRecord();
  const { versionId, etag } = await put(ingestKey(id));
  await query(
    surroundings,
    "UPDATE image_records SET status = 'ready', version_id = $1, etag = $2 WHERE id = $3",
    [versionId, etag, id],
  );
  expect(keys).not.toContain(ingestKey(id));
  return { id };
}

test('an object that cannot be deleted is an error, and the others go', async () => {
  await put('ingest/one');
  const { id } = await addReady();
  await put('ingest/two');
  await put(ingestKey(id));
  surroundings.proxies.s3.judge(({ method }) => (method === 'DELETE' ? { status: 403 } : 'pass'));
  const result = await reaper.reap();
  expect(result).toMatchObject({ orphans_deleted: 1, overwrites_deleted: 0, errors: 1 });
  expect(await surroundings.bucket.versions(ingestKey(id))).toHaveLength(2);

  await put('ingest/three');
  surroundings.proxies.s3.judge(({ method }) => (method === 'POST' ? { status: 403 } : 'pass'));
  expect(await reaper.reap()).toMatchObject({
    orphans_deleted: 0,
    overwrites_deleted: 1,
    errors: 1,
  });
  expect(await keysLeft()).toContain('ingest/three');
});
