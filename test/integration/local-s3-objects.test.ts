import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  DeleteObjectTaggingCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectTaggingCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  BUCKET,
  outcome,
  rawOutcome,
  sdkOutcome,
  sendRaw,
  sendSigned,
  signedHeaders,
  startTestS3,
  type TestS3,
} from '../support/local-s3.ts';

let s3: TestS3;
let client: S3Client;
let checking: S3Client;
beforeAll(async () => {
  s3 = await startTestS3();
  client = s3.client();
  checking = s3.client({
    requestChecksumCalculation: 'WHEN_SUPPORTED',
    responseChecksumValidation: 'WHEN_SUPPORTED',
  });
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

async function filesOnDisk(): Promise<number> {
  const entries = await readdir(s3.dataDir, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).length;
}

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

describe('writing', () => {
  test.each<[string, Partial<PutObjectCommandInput>, string]>([
    ['a wrong MD5', { ContentMD5: createHash('md5').digest('base64') }, '400 BadDigest'],
    ['an MD5 that is none', { ContentMD5: 'x' }, '400 InvalidDigest'],
    ['a wrong CRC32', { ChecksumCRC32: 'AAAAAA==' }, '400 BadDigest'],
    ['a wrong SHA1', { ChecksumSHA1: createHash('sha1').digest('base64') }, '400 BadDigest'],
    ['a wrong SHA256', { ChecksumSHA256: createHash('sha256').digest('base64') }, '400 BadDigest'],
    ['a CRC32 that is none', { ChecksumCRC32: 'x' }, '400 InvalidRequest'],
    ['CRC32C', { ChecksumCRC32C: 'AAAAAA==' }, '501 NotImplemented'],
    ['If-None-Match with an ETag', { IfNoneMatch: '"x"' }, '501 NotImplemented'],
    ['If-Match without object', { IfMatch: '"x"' }, '404 NoSuchKey'],
    ['a public ACL', { ACL: 'public-read' }, '501 NotImplemented'],
    ['no storage class', { StorageClass: 'OUTPOSTS' }, '400 InvalidStorageClass'],
    ['a tag twice', { Tagging: 'a=1&a=2' }, '400 InvalidArgument'],
    ['a tag too long', { Tagging: `${'k'.repeat(129)}=1` }, '400 InvalidTag'],
    ['11 tags', { Tagging: [...'abcdefghijk'].map((c) => `${c}=1`).join('&') }, '400 BadRequest'],
    ['too much metadata', { Metadata: { a: 'x'.repeat(2048) } }, '400 MetadataTooLarge'],
    ['no bucket', { Bucket: 'nowhere' }, '404 NoSuchBucket'],
    ['object lock', { ObjectLockMode: 'GOVERNANCE' }, '501 NotImplemented'],
  ])('refused, and nothing stored: %s', async (_name, input, expected) => {
    const before = await filesOnDisk();
    expect(await sdkOutcome(put('refused', input))).toBe(expected);
    expect(await sdkOutcome(head('refused'))).toBe('404 NotFound');
    expect(await filesOnDisk()).toBe(before);
  });

  test('If-None-Match: * of eight at once stores one', async () => {
    const outcomes = await Promise.all(
      [...'abcdefgh'].map(async (name) => ({
        name,
        outcome: await sdkOutcome(
          put('race', { IfNoneMatch: '*', Body: Buffer.alloc(300_000, name) }),
        ),
      })),
    );
    const winners = outcomes.filter((one) => one.outcome === 'ok');
    expect(winners).toHaveLength(1);
    const losers = outcomes.filter((one) => one.outcome === '412 PreconditionFailed');
    expect(losers).toHaveLength(7);
    expect((await text('race'))?.[299_999]).toBe(winners[0]?.name);
  });

  test('If-Match of eight at once stores one', async () => {
    const { ETag } = await put('swap', { Body: 'old' });
    const outcomes = await Promise.all(
      [...'abcdefgh'].map((Body) => sdkOutcome(put('swap', { IfMatch: ETag, Body }))),
    );
    expect(outcomes.filter((one) => one === 'ok')).toHaveLength(1);
    expect(outcomes.filter((one) => one === '412 PreconditionFailed')).toHaveLength(7);
  });

  test('the checksums that the SDK sends by default are checked, kept and given back', async () => {
    const Body = 'checked';
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(Body));
    const sent = await checking.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'sum', Body }));
    expect(sent.ChecksumCRC32).toBe(sum.toString('base64'));
    const got = await checking.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'sum' }));
    expect(await got.Body?.transformToString()).toBe(Body);
    expect(got.ChecksumCRC32).toBe(sum.toString('base64'));
  });

  test('a stream is sent in chunks with its checksum behind it', async () => {
    const parts = [Buffer.alloc(70_000, 'a'), Buffer.alloc(200_000, 'b')];
    await checking.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: 'streamed',
        Body: Readable.from(parts),
        ContentLength: 270_000,
      }),
    );
    expect(await text('streamed')).toBe(Buffer.concat(parts).toString());
    expect((await head('streamed')).ContentEncoding).toBeUndefined();
  });

  const chunked = (body: string, more: Record<string, string> = {}) => ({
    method: 'PUT',
    path: `/${BUCKET}/chunked`,
    headers: {
      'content-encoding': 'aws-chunked,gzip',
      'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      'x-amz-decoded-content-length': '3',
      'x-amz-trailer': 'x-amz-checksum-crc32',
      ...more,
    },
    body: Buffer.from(body),
  });
  test.each<[string, ReturnType<typeof chunked>, string]>([
    ['right', chunked('3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n'), '200'],
    ['sum', chunked('3\r\nabd\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n'), '400 BadDigest'],
    ['no sum', chunked('3\r\nabc\r\n0\r\n\r\n'), '400 MalformedTrailerError'],
    ['no end', chunked('3\r\nabc\r\n'), '400 IncompleteBody'],
    ['cut', chunked('5\r\nabc'), '400 IncompleteBody'],
    ['longer than told', chunked('4\r\nabcd\r\n0\r\n\r\n'), '400 IncompleteBody'],
    ['shorter', chunked('2\r\nab\r\n0\r\n\r\n'), '400 IncompleteBody'],
    ['no size', chunked('zz\r\nabc'), '400 InvalidRequest'],
    ['an endless size', chunked('f'.repeat(5000)), '400 IncompleteBody'],
    ['no length', chunked('', { 'x-amz-decoded-content-length': 'x' }), '411 MissingContentLength'],
    ['crc64', chunked('', { 'x-amz-trailer': 'x-amz-checksum-crc64nvme' }), '501 NotImplemented'],
  ])('aws-chunked: %s', async (_name, request, expected) => {
    expect(await sendSigned(s3.s3().url, request)).toBe(expected);
  });

  test('aws-chunked is no part of the stored encoding', async () => {
    expect((await head('chunked')).ContentEncoding).toBe('gzip');
  });

  test('a client that goes away half-way leaves what was there', async () => {
    await put('half', { Body: 'whole' });
    const before = await filesOnDisk();
    const url = s3.s3().url;
    const request = {
      method: 'PUT',
      path: `/${BUCKET}/half`,
      headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', 'content-length': '1000' },
    };
    const headers = Object.entries(signedHeaders(url, request));
    const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const socket = connect(s3.s3().port, '127.0.0.1');
    socket.write(`PUT ${request.path} HTTP/1.1\r\n${lines}\r\nhalf of it`);
    const temporary = join(s3.dataDir, 'tmp');
    // Until the server has begun to receive.
    while ((await readdir(temporary)).length === 0) await new Promise(setImmediate);
    socket.destroy();
    while ((await readdir(temporary)).length > 0) await new Promise(setImmediate);
    expect(await text('half')).toBe('whole');
    expect(await filesOnDisk()).toBe(before);
  });

  test('a body without a length', async () => {
    const request = {
      method: 'PUT',
      path: `/${BUCKET}/k`,
      headers: { 'transfer-encoding': 'chunked', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
      body: Buffer.from('x'),
    };
    expect(await sendSigned(s3.s3().url, request)).toBe('411 MissingContentLength');
  });

  test('presigned and overwrite-protected: one PUT, then 412', async () => {
    const command = new PutObjectCommand({ Bucket: BUCKET, Key: 'once', IfNoneMatch: '*' });
    const url = await getSignedUrl(client, command, {
      expiresIn: 60,
      signableHeaders: new Set(['host', 'if-none-match']),
    });
    const send = async (headers: Record<string, string>) =>
      outcome(await fetch(url, { method: 'PUT', headers, body: 'x' }));
    expect(await send({})).toBe('403 SignatureDoesNotMatch');
    expect(await send({ 'if-none-match': '*' })).toBe('200');
    expect(await send({ 'if-none-match': '*' })).toBe('412 PreconditionFailed');
  });
});

describe('copying', () => {
  const copy = (Key: string, more: object = {}) =>
    client.send(
      new CopyObjectCommand({ Bucket: BUCKET, Key, CopySource: `${BUCKET}/source`, ...more }),
    );
  beforeAll(async () => {
    await put('source', {
      ContentType: 'image/png',
      Metadata: { a: '1' },
      Tagging: 'a=1',
      StorageClass: 'STANDARD_IA',
    });
  });
  const tags = async (Key: string) =>
    (await client.send(new GetObjectTaggingCommand({ Bucket: BUCKET, Key }))).TagSet;

  test('takes content, metadata and tags along, or new ones', async () => {
    const { CopyObjectResult } = await copy('c1');
    expect(CopyObjectResult?.ETag).toBe((await head('source')).ETag);
    expect(await head('c1')).toMatchObject({ ContentType: 'image/png', Metadata: { a: '1' } });
    expect((await head('c1')).StorageClass).toBeUndefined();
    expect(await tags('c1')).toEqual([{ Key: 'a', Value: '1' }]);

    await copy('c2', { MetadataDirective: 'REPLACE', ContentType: 'image/gif' });
    expect(await head('c2')).toMatchObject({ ContentType: 'image/gif', Metadata: {} });
    expect(await tags('c2')).toEqual([{ Key: 'a', Value: '1' }]);
    await copy('c3', { TaggingDirective: 'REPLACE', Tagging: 'b=2' });
    expect(await head('c3')).toMatchObject({ ContentType: 'image/png' });
    expect(await tags('c3')).toEqual([{ Key: 'b', Value: '2' }]);
    expect(await text('c3')).toBe('hello world 123');
  });

  test('onto itself with a new type, as the format audit does', async () => {
    const { ETag } = await put('self', { ContentType: 'image/png' });
    expect(await sdkOutcome(copy('self', { CopySource: `${BUCKET}/self` }))).toBe(
      '400 InvalidRequest',
    );
    const repaired = { MetadataDirective: 'REPLACE', ContentType: 'image/webp' };
    await copy('self', { CopySource: `${BUCKET}/self`, CopySourceIfMatch: ETag, ...repaired });
    expect(await head('self')).toMatchObject({ ContentType: 'image/webp', ETag });
    expect(await text('self')).toBe('hello world 123');
  });

  test.each<[string, object, string]>([
    ['a changed source', { CopySourceIfMatch: '"x"' }, '412 PreconditionFailed'],
    ['an unchanged source', { CopySourceIfNoneMatch: '*' }, '412 PreconditionFailed'],
    ['modified since', { CopySourceIfUnmodifiedSince: new Date(0) }, '412 PreconditionFailed'],
    [
      'not modified since',
      { CopySourceIfModifiedSince: new Date(Date.now() + 3_600_000) },
      '412 PreconditionFailed',
    ],
    ['no source', { CopySource: `${BUCKET}/none` }, '404 NoSuchKey'],
    ['no source bucket', { CopySource: 'nowhere/none' }, '404 NoSuchBucket'],
    ['no source version', { CopySource: `${BUCKET}/source?versionId=x` }, '404 NoSuchVersion'],
    ['half a source', { CopySource: BUCKET }, '400 InvalidArgument'],
    ['bad percents', { CopySource: `${BUCKET}/%zz` }, '400 InvalidArgument'],
    ['directive', { MetadataDirective: 'KEEP' }, '400 InvalidArgument'],
    ['something there', { IfNoneMatch: '*', Key: 'source' }, '412 PreconditionFailed'],
  ])('refused: %s', async (_name, input, expected) => {
    expect(await sdkOutcome(copy('refused-copy', { StorageClass: 'GLACIER', ...input }))).toBe(
      expected,
    );
  });
});

describe('tagging and deleting', () => {
  test('tags are replaced and removed', async () => {
    await put('tagged');
    const target = { Bucket: BUCKET, Key: 'tagged' };
    const set = (TagSet: { Key: string; Value: string }[]) =>
      client.send(new PutObjectTaggingCommand({ ...target, Tagging: { TagSet } }));
    await set([{ Key: 'k <&>', Value: '' }].map((tag) => ({ ...tag, Key: 'k' })));
    await set([
      { Key: 'one', Value: 'ü 1' },
      { Key: 'two', Value: '' },
    ]);
    const read = () => client.send(new GetObjectTaggingCommand(target));
    expect((await read()).TagSet).toEqual([
      { Key: 'one', Value: 'ü 1' },
      { Key: 'two', Value: '' },
    ]);
    expect(await sdkOutcome(set([{ Key: '<', Value: '' }]))).toBe('400 InvalidTag');
    await client.send(new DeleteObjectTaggingCommand(target));
    expect((await read()).TagSet).toEqual([]);
  });

  test('DeleteObject, with and without condition', async () => {
    const remove = (Key: string, IfMatch?: string) =>
      sdkOutcome(client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key, IfMatch })));
    const { ETag } = await put('gone');
    expect(await remove('gone', '"x"')).toBe('412 PreconditionFailed');
    expect(await remove('gone', ETag)).toBe('ok');
    expect(await sdkOutcome(head('gone'))).toBe('404 NotFound');
    expect(await remove('gone')).toBe('ok');
    expect(await remove('gone', ETag)).toBe('404 NoSuchKey');
  });

  test('DeleteObjects tells about each key', async () => {
    const keys = ['d/1', 'd/ &<2>"\'', 'd/\r\n\t', 'd/&amp;lt;', 'd/&#65;'];
    for (const key of keys) await put(key);
    const { ETag } = await put('d/kept');
    const Objects = [
      ...keys.map((Key) => ({ Key })),
      { Key: 'd/none' },
      { Key: 'd/kept', ETag: '"x"' },
      { Key: 'k'.repeat(1025) },
    ];
    const remove = (Delete: { Objects: { Key: string; ETag?: string }[]; Quiet?: boolean }) =>
      client.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete }));
    const told = await remove({ Objects });
    expect(told.Deleted?.map(({ Key }) => Key)).toEqual([...keys, 'd/none']);
    expect(told.Errors?.map(({ Code }) => Code)).toEqual(['PreconditionFailed', 'KeyTooLongError']);
    for (const key of keys) expect(await sdkOutcome(head(key))).toBe('404 NotFound');
    expect((await head('d/kept')).ETag).toBe(ETag);
    const quiet = await remove({ Objects: [{ Key: 'd/kept' }], Quiet: true });
    expect(quiet.Deleted).toBeUndefined();
    expect(await sdkOutcome(head('d/kept'))).toBe('404 NotFound');
    const many = Array.from({ length: 1001 }, (_, i) => ({ Key: `m/${i}` }));
    expect(await sdkOutcome(remove({ Objects: many }))).toBe('400 MalformedXML');
  });

  const post = (body: string, headers: Record<string, string> = {}) =>
    sendSigned(s3.s3().url, {
      method: 'POST',
      path: `/${BUCKET}?delete=`,
      headers: {
        'content-md5': createHash('md5').update(body).digest('base64'),
        ...headers,
      },
      body: Buffer.from(body),
    });
  test.each<[string, string, string]>([
    ['no XML', 'x', '400 MalformedXML'],
    ['not closed', '<Delete><Object>', '400 MalformedXML'],
    ['another root', '<Remove/>', '400 MalformedXML'],
    ['nothing to delete', '<Delete></Delete>', '400 MalformedXML'],
    ['no key', '<Delete><Object/></Delete>', '400 MalformedXML'],
    [
      'a document type',
      '<!DOCTYPE d [<!ENTITY a "b">]><Delete><Object><Key>&a;</Key></Object></Delete>',
      '400 MalformedXML',
    ],
    ['too long', `<Delete>${' '.repeat(2_100_000)}</Delete>`, '400 MaxMessageLengthExceeded'],
  ])('DeleteObjects with %s', async (_name, body, expected) => {
    expect(await post(body)).toBe(expected);
  });

  test('DeleteObjects wants a checksum', async () => {
    const body = Buffer.from('<Delete><Object><Key>a</Key></Object></Delete>');
    const request = { method: 'POST', path: `/${BUCKET}?delete=`, body };
    expect(await sendSigned(s3.s3().url, request)).toBe('400 InvalidRequest');
  });
});
