import { createHash } from 'node:crypto';
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
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BUCKET, sdkOutcome, sendSigned, startTestS3, type TestS3 } from '../support/local-s3.ts';

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

  test('a redirect is kept only where the copy says it again', async () => {
    const redirect = { WebsiteRedirectLocation: '/there', ContentType: 'image/png' };
    await put('redirect', redirect);
    expect(await head('redirect')).toMatchObject(redirect);
    const CopySource = `${BUCKET}/redirect`;
    await copy('redirect-1', { CopySource });
    expect((await head('redirect-1')).WebsiteRedirectLocation).toBeUndefined();
    expect((await head('redirect-1')).ContentType).toBe('image/png');
    await copy('redirect-2', { CopySource, MetadataDirective: 'REPLACE', ...redirect });
    expect(await head('redirect-2')).toMatchObject(redirect);
  });

  test.each(['GLACIER', 'DEEP_ARCHIVE'] as const)('nothing is read from %s', async (archive) => {
    const Key = `archived-${archive}`;
    await put(Key, { StorageClass: archive });
    expect(await head(Key)).toMatchObject({ StorageClass: archive });
    expect(await sdkOutcome(get(Key))).toBe('403 InvalidObjectState');
    expect(await sdkOutcome(copy('c', { CopySource: `${BUCKET}/${Key}` }))).toBe(
      '403 InvalidObjectState',
    );
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
