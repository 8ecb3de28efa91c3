import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  BUCKET,
  REGION,
  sdkOutcome,
  startTestS3,
  type TestS3,
  VERSIONED,
} from '../support/local-s3.ts';

let s3: TestS3;
let client: S3Client;
beforeAll(async () => {
  s3 = await startTestS3();
  client = s3.client();
});
afterAll(async () => {
  await s3.stop();
  expect(s3.problems).toEqual([]);
});

async function put(Key: string, Body: string, Bucket = VERSIONED): Promise<string> {
  const { VersionId } = await client.send(new PutObjectCommand({ Bucket, Key, Body }));
  return VersionId ?? '';
}
async function read(Key: string, VersionId?: string, Bucket = VERSIONED): Promise<string> {
  const got = await client.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  if (VersionId !== undefined) expect(got.VersionId).toBe(VersionId);
  return (await got.Body?.transformToString()) ?? '';
}
const remove = (Key: string, VersionId?: string) =>
  client.send(new DeleteObjectCommand({ Bucket: VERSIONED, Key, VersionId }));
const head = (Key: string, VersionId?: string) =>
  client.send(new HeadObjectCommand({ Bucket: VERSIONED, Key, VersionId }));

test('each PUT makes a version that stays readable', async () => {
  const first = await put('k', 'one');
  const second = await put('k', 'two');
  expect(first).toMatch(/^[\w-]{32}$/);
  expect(second).not.toBe(first);
  expect(await read('k')).toBe('two');
  expect(await read('k', first)).toBe('one');
  expect((await head('k')).VersionId).toBe(second);
  expect(await sdkOutcome(read('k', 'x'.repeat(32)))).toBe('404 NoSuchVersion');
});

test('deleting the newest version reveals the one before', async () => {
  const first = await put('reveal', 'one');
  const second = await put('reveal', 'two');
  expect((await remove('reveal', second)).VersionId).toBe(second);
  expect(await read('reveal')).toBe('one');
  expect(await sdkOutcome(read('reveal', second))).toBe('404 NoSuchVersion');
  expect(await sdkOutcome(remove('reveal', second))).toBe('ok');
  await remove('reveal', first);
  expect(await sdkOutcome(read('reveal'))).toBe('404 NoSuchKey');
});

test('deleting without a version makes a delete marker', async () => {
  const version = await put('marked', 'one');
  const { VersionId: marker = '', DeleteMarker } = await remove('marked');
  expect(DeleteMarker).toBe(true);
  expect(marker).toMatch(/^[\w-]{32}$/);
  const url = await getSignedUrl(
    client,
    new GetObjectCommand({ Bucket: VERSIONED, Key: 'marked' }),
  );
  const response = await fetch(url);
  expect(response.status).toBe(404);
  expect(response.headers.get('x-amz-delete-marker')).toBe('true');
  expect(response.headers.get('x-amz-version-id')).toBe(marker);
  expect(await response.text()).toContain('<Code>NoSuchKey</Code>');
  expect(await read('marked', version)).toBe('one');
  expect(await sdkOutcome(read('marked', marker))).toBe('405 MethodNotAllowed');
  // A key with a marker is free for If-None-Match: *, and taken once the marker is gone.
  expect(await remove('marked', marker)).toMatchObject({ DeleteMarker: true, VersionId: marker });
  expect(await read('marked')).toBe('one');
});

test('If-None-Match: * is free to write over a delete marker', async () => {
  await put('again', 'one');
  const protectedPut = () =>
    sdkOutcome(
      client.send(
        new PutObjectCommand({ Bucket: VERSIONED, Key: 'again', Body: 'x', IfNoneMatch: '*' }),
      ),
    );
  expect(await protectedPut()).toBe('412 PreconditionFailed');
  await remove('again');
  expect(await protectedPut()).toBe('ok');
});

test('DeleteObjects removes versions and makes markers', async () => {
  const version = await put('many', 'one');
  const { Deleted } = await client.send(
    new DeleteObjectsCommand({
      Bucket: VERSIONED,
      Delete: { Objects: [{ Key: 'many' }, { Key: 'many', VersionId: version }] },
    }),
  );
  expect(Deleted?.[0]).toMatchObject({ Key: 'many', DeleteMarker: true });
  expect(Deleted?.[1]).toEqual({ Key: 'many', VersionId: version });
  expect(await sdkOutcome(read('many', version))).toBe('404 NoSuchVersion');
});

test('a copy of an old version restores it', async () => {
  const first = await put('restore', 'one');
  await put('restore', 'two');
  const copied = await client.send(
    new CopyObjectCommand({
      Bucket: VERSIONED,
      Key: 'restore',
      CopySource: `${VERSIONED}/restore?versionId=${first}`,
    }),
  );
  expect(copied.CopySourceVersionId).toBe(first);
  expect(copied.VersionId).not.toBe(first);
  expect(await read('restore')).toBe('one');
  // The copy stands on its own.
  await remove('restore', first);
  expect(await read('restore')).toBe('one');
});

test('versioning can be enabled later; what was there is the null version', async () => {
  const Bucket = 'later';
  await client.send(new CreateBucketCommand({ Bucket }));
  const status = async () => (await client.send(new GetBucketVersioningCommand({ Bucket }))).Status;
  const configure = (Status: 'Enabled' | 'Suspended') =>
    client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
  expect(await put('k', 'old', Bucket)).toBe('');
  expect(await status()).toBeUndefined();
  await configure('Enabled');
  expect(await status()).toBe('Enabled');
  const version = await put('k', 'new', Bucket);
  expect(await read('k', 'null', Bucket)).toBe('old');
  expect(await read('k', version, Bucket)).toBe('new');
  expect(await sdkOutcome(configure('Suspended'))).toBe('501 NotImplemented');
  await s3.restart();
  client = s3.client();
  expect(await status()).toBe('Enabled');
  expect(await read('k', 'null', Bucket)).toBe('old');
});

test('buckets', async () => {
  const create = (Bucket: string, LocationConstraint?: 'eu-west-1') =>
    sdkOutcome(
      client.send(
        new CreateBucketCommand({
          Bucket,
          ...(LocationConstraint && { CreateBucketConfiguration: { LocationConstraint } }),
        }),
      ),
    );
  expect(await create('fine')).toBe('ok');
  expect(await create('fine')).toBe('409 BucketAlreadyOwnedByYou');
  expect(await create('Not.Fine')).toBe('400 InvalidBucketName');
  expect(await create('127.0.0.1')).toBe('400 InvalidBucketName');
  expect(await create('elsewhere', 'eu-west-1')).toBe('400 IllegalLocationConstraintException');
  const { Buckets } = await client.send(new ListBucketsCommand({ Prefix: 'fi' }));
  expect(Buckets?.map(({ Name }) => Name)).toEqual(['fine']);
  const { BucketRegion } = await client.send(new HeadBucketCommand({ Bucket: 'fine' }));
  expect(BucketRegion).toBe(REGION);
  const where = await client.send(new GetBucketLocationCommand({ Bucket: 'fine' }));
  expect(where.LocationConstraint).toBe(REGION);
  expect(await sdkOutcome(client.send(new HeadBucketCommand({ Bucket: 'nowhere' })))).toMatch(
    /^404 /,
  );
});

async function listAll(Bucket: string, MaxKeys: number, deleteAsWeGo = false): Promise<string[]> {
  const seen: string[] = [];
  let markers = {};
  for (;;) {
    const page = await client.send(new ListObjectVersionsCommand({ Bucket, MaxKeys, ...markers }));
    const entries = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    expect(entries.length).toBeLessThanOrEqual(MaxKeys);
    seen.push(...entries.map(({ Key, VersionId }) => `${Key} ${VersionId}`));
    if (deleteAsWeGo) {
      for (const { Key, VersionId } of entries) {
        await client.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
      }
    }
    if (!page.IsTruncated) return seen;
    markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
  }
}

test('versions are listed newest first, page by page, also while they are deleted', async () => {
  const Bucket = 'pages';
  await s3.s3().createBucket(Bucket, { versioned: true });
  const expected: string[] = [];
  for (const key of ['a', 'b', 'c']) {
    const versions: string[] = [];
    for (const body of ['1', '2', '3']) versions.unshift(`${key} ${await put(key, body, Bucket)}`);
    expected.push(...versions);
  }
  const { VersionId } = await client.send(new DeleteObjectCommand({ Bucket, Key: 'b' }));
  const marked = [...expected.slice(0, 3), `b ${VersionId}`, ...expected.slice(3)];
  const whole = await client.send(new ListObjectVersionsCommand({ Bucket }));
  expect(whole.Versions?.map(({ Key, VersionId: id }) => `${Key} ${id}`)).toEqual(expected);
  expect(whole.Versions?.filter(({ IsLatest }) => IsLatest).map(({ Key }) => Key)).toEqual([
    'a',
    'c',
  ]);
  expect(whole.DeleteMarkers).toMatchObject([{ Key: 'b', IsLatest: true }]);
  for (const size of [1, 2, 3, 4, 10]) {
    expect((await listAll(Bucket, size)).sort()).toEqual([...marked].sort());
  }
  expect((await listAll(Bucket, 2, true)).sort()).toEqual([...marked].sort());
  expect(await listAll(Bucket, 10)).toEqual([]);
  expect(
    await sdkOutcome(
      client.send(new ListObjectVersionsCommand({ Bucket: BUCKET, VersionIdMarker: 'x' })),
    ),
  ).toBe('400 InvalidArgument');
});
