import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CopyObjectCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  BUCKET,
  rawOutcome,
  sdkOutcome,
  sendRaw,
  signedHeaders,
  startTestS3,
  type TestS3,
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

const put = (Key: string, more: Partial<PutObjectCommandInput> = {}) =>
  client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'hello world 123', ...more }));
const get = (Key: string, more: Partial<GetObjectCommandInput> = {}) =>
  client.send(new GetObjectCommand({ Bucket: BUCKET, Key, ...more }));
const head = (Key: string) => client.send(new HeadObjectCommand({ Bucket: BUCKET, Key }));
const text = async (Key: string, more: Partial<GetObjectCommandInput> = {}) =>
  (await get(Key, more)).Body?.transformToString();

test('keeps what a writer says about an object', async () => {
  const said = {
    ContentType: 'image/png',
    CacheControl: 'max-age=60',
    ContentDisposition: 'attachment; filename="a b.png"',
    ContentEncoding: 'gzip',
    ContentLanguage: 'de',
    Expires: new Date(1_900_000_000_000),
    Metadata: { a: '1', 'b-c': 'x y' },
    StorageClass: 'STANDARD_IA',
    ServerSideEncryption: 'AES256',
  } as const;
  await put('said', { ...said, Tagging: 'a=1&b=x%20y' });
  const got = await head('said');
  const { Expires: _, ...compared } = said;
  expect(got).toMatchObject({ ...compared, ContentLength: 15, AcceptRanges: 'bytes', TagCount: 2 });
  expect(got.ExpiresString).toBe(said.Expires.toUTCString());
  expect(got.ETag).toBe(`"${createHash('md5').update('hello world 123').digest('hex')}"`);
  expect(got.VersionId).toBeUndefined();
  expect((await get('said')).ContentType).toBe('image/png');
  await put('unsaid');
  expect((await head('unsaid')).ContentType).toBe('application/octet-stream');
});

test('a header in UTF-8 is signed, kept and sent as the bytes that it is', async () => {
  const { url } = s3.s3();
  const path = `/${BUCKET}/utf8`;
  const request = { method: 'PUT', path, headers: { 'x-amz-meta-name': 'grün' } };
  const onTheWire = Buffer.from('grün').toString('latin1');
  const headers = {
    ...signedHeaders(url, request),
    'content-length': '0',
    'x-amz-meta-name': onTheWire,
  };
  expect(rawOutcome(await sendRaw(url, { ...request, headers }))).toBe('200');
  const read = { method: 'GET', path };
  const got = await sendRaw(url, { ...read, headers: signedHeaders(url, read) });
  expect(got.headers['x-amz-meta-name']).toBe(onTheWire);
});

test.each([
  '../../escape',
  '..',
  '.',
  'a//b',
  '/lead',
  'a/./b/../c',
  'a+b c',
  'ü😀',
  '%41%2F',
  ' sp ',
])('the key %j is a key like any other', async (key) => {
  const body = `body of ${key}`;
  await put(key, { Body: body });
  expect(await text(key)).toBe(body);
  expect((await readdir(join(s3.dataDir, '..'))).includes('escape')).toBe(false);
  const copy = `${key}-copy`;
  const CopySource = `${BUCKET}/${encodeURIComponent(key)}`;
  await client.send(new CopyObjectCommand({ Bucket: BUCKET, Key: copy, CopySource }));
  expect(await text(copy)).toBe(body);
});

test('keys that differ in case are two; 1024 bytes are the longest key', async () => {
  await put('Case', { Body: 'upper' });
  await put('case', { Body: 'lower' });
  expect(await text('Case')).toBe('upper');
  expect(await sdkOutcome(put('ü'.repeat(512)))).toBe('ok');
  expect(await sdkOutcome(put(`${'ü'.repeat(512)}a`))).toBe('400 KeyTooLongError');
});

describe('reading', () => {
  beforeAll(async () => {
    await put('t');
    await put('empty', { Body: new Uint8Array(0) });
  });

  test.each([
    ['bytes=0-4', 'hello', 'bytes 0-4/15'],
    ['bytes=12-', '123', 'bytes 12-14/15'],
    ['bytes=-3', '123', 'bytes 12-14/15'],
    ['bytes=-99', 'hello world 123', 'bytes 0-14/15'],
    ['bytes=10-99', 'd 123', 'bytes 10-14/15'],
    ['bytes=5-2', 'hello world 123', undefined],
    ['bytes=0-1,3-4', 'hello world 123', undefined],
    ['lines=1-2', 'hello world 123', undefined],
  ])('Range %s', async (Range, expected, contentRange) => {
    const got = await get('t', { Range });
    expect(await got.Body?.transformToString()).toBe(expected);
    expect(got.ContentRange).toBe(contentRange);
    expect(got.$metadata.httpStatusCode).toBe(contentRange === undefined ? 200 : 206);
  });

  test.each([
    ['t', 'bytes=15-'],
    ['t', 'bytes=-0'],
    ['empty', 'bytes=0-'],
  ])('a range of %s with no byte: %s', async (key, Range) => {
    expect(await sdkOutcome(get(key, { Range }))).toBe('416 InvalidRange');
  });

  test('conditions', async () => {
    const { ETag = '', LastModified = new Date() } = await head('t');
    const earlier = new Date(LastModified.getTime() - 5_000);
    expect(await sdkOutcome(get('t', { IfMatch: ETag }))).toBe('ok');
    expect(await sdkOutcome(get('t', { IfMatch: '"x"' }))).toBe('412 PreconditionFailed');
    expect(await sdkOutcome(get('t', { IfNoneMatch: ETag }))).toMatch(/^304 /);
    expect(await sdkOutcome(get('t', { IfNoneMatch: '"x"' }))).toBe('ok');
    expect(await sdkOutcome(get('t', { IfModifiedSince: LastModified }))).toMatch(/^304 /);
    expect(await sdkOutcome(get('t', { IfModifiedSince: earlier }))).toBe('ok');
    expect(await sdkOutcome(get('t', { IfUnmodifiedSince: LastModified }))).toBe('ok');
    expect(await sdkOutcome(get('t', { IfUnmodifiedSince: earlier }))).toBe(
      '412 PreconditionFailed',
    );
    // An ETag condition makes the date beside it void.
    expect(await sdkOutcome(get('t', { IfMatch: ETag, IfUnmodifiedSince: earlier }))).toBe('ok');
    expect(await sdkOutcome(get('t', { IfNoneMatch: '"x"', IfModifiedSince: LastModified }))).toBe(
      'ok',
    );
  });

  test('headers of the response may be asked for', async () => {
    const asked = { ResponseContentDisposition: 'attachment', ResponseContentType: 'text/x' };
    expect(await get('t', asked)).toMatchObject({
      ContentDisposition: 'attachment',
      ContentType: 'text/x',
    });
    const split = { ResponseContentDisposition: 'a\r\nSet-Cookie: x' };
    expect(await sdkOutcome(get('t', split))).toBe('400 InvalidArgument');
    expect(await sdkOutcome(get('t', { ResponseContentType: '😀' }))).toBe('400 InvalidArgument');
  });

  test.each([
    ['no object', () => get('none'), '404 NoSuchKey'],
    ['no object, HEAD', () => head('none'), '404 NotFound'],
    ['no bucket', () => get('t', { Bucket: 'nowhere' }), '404 NoSuchBucket'],
    ['a version id that is empty', () => get('t', { VersionId: '' }), '400 InvalidArgument'],
    ['no version', () => get('t', { VersionId: 'nope' }), '404 NoSuchVersion'],
    ['the null version', () => get('t', { VersionId: 'null' }), 'ok'],
    ['a part', () => get('t', { PartNumber: 1 }), '501 NotImplemented'],
  ])('%s', async (_name, call, expected) => {
    expect(await sdkOutcome(call())).toBe(expected);
  });

  test('a reader keeps the object that it began to read', async () => {
    await put('big', { Body: Buffer.alloc(8_000_000, 1) });
    const reading = await get('big');
    await put('big', { Body: 'small' });
    const bytes = await reading.Body?.transformToByteArray();
    expect(bytes).toHaveLength(8_000_000);
    expect(bytes?.every((byte) => byte === 1)).toBe(true);
  });
});
