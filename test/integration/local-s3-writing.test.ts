import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import {
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  BUCKET,
  outcome,
  sdkOutcome,
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
