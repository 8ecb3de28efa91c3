import {
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readForm } from '../../src/local/s3/multipart-form.ts';
import {
  BUCKET,
  formData,
  outcome,
  type PolicyCondition,
  type PostForm,
  postFields,
  sdkOutcome,
  startTestS3,
  type TestS3,
} from '../support/local-s3.ts';

/** What S3 replaces by the name of the file. */
const PLACEHOLDER = `$\{filename}`;

describe('the form parser', () => {
  const BOUNDARY = '----WebKitFormBoundaryX';
  const part = (disposition: string, body: string): string =>
    `--${BOUNDARY}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${body}\r\n`;
  // Full of what could be taken for the boundary and is not.
  const FILE = `\r\n--${BOUNDARY.slice(0, -1)}\r\n-\r\r\n--\r\n\r\n--${BOUNDARY.slice(0, 9)}\n`;
  const whole =
    part('name="key"', `a/${PLACEHOLDER}`) +
    part('name="Empty"', '') +
    part('name="x-ignore-multi"', 'two\r\nlines') +
    part('name="file"; filename="C:\\fakepath\\c\\"a%22t ü.png"\r\nContent-Type: image/png', FILE) +
    part('name="submit"', 'Upload') +
    `--${BOUNDARY}--\r\n`;

  async function parse(bytes: Buffer, chunkSize: number, boundary = BOUNDARY) {
    async function* source(): AsyncGenerator<Buffer> {
      for (let i = 0; i < bytes.length; i += chunkSize) yield bytes.subarray(i, i + chunkSize);
    }
    const form = await readForm(source(), `multipart/form-data; boundary=${boundary}`);
    const parts: Buffer[] = [];
    const { content } = form.file;
    for (let next = await content.next(); next.done !== true; next = await content.next()) {
      parts.push(next.value);
    }
    await form.finish();
    return {
      fields: Object.fromEntries(form.fields),
      fileName: form.file.fileName,
      file: Buffer.concat(parts).toString(),
    };
  }

  test('finds the same whatever the cuts of the chunks', async () => {
    const bytes = Buffer.from(whole);
    for (let size = 1; size <= 130; size += 1) {
      expect(await parse(bytes, size)).toEqual({
        fields: { key: `a/${PLACEHOLDER}`, empty: '', 'x-ignore-multi': 'two\r\nlines' },
        fileName: 'c"a"t ü.png',
        file: FILE,
      });
    }
    expect(await parse(bytes, bytes.length)).toMatchObject({ file: FILE });
  });

  test('refuses a form that ends at any place before its end', async () => {
    const bytes = Buffer.from(whole);
    const fileEnd = whole.indexOf(part('name="submit"', 'Upload')) + BOUNDARY.length;
    for (let length = 0; length < Buffer.byteLength(whole.slice(0, fileEnd)); length += 1) {
      await expect(parse(bytes.subarray(0, length), 64)).rejects.toThrow();
    }
  });

  test.each([
    ['no boundary', whole, 'MalformedPOSTRequest', 'other'],
    ['no file', `${part('name="a"', '')}--${BOUNDARY}--`, 'IncorrectNumberOfFilesInPostRequest'],
    ['a field twice', `${part('name="a"', '').repeat(2)}--${BOUNDARY}--`, 'MalformedPOSTRequest'],
    ['no name', part('x=y', ''), 'MalformedPOSTRequest'],
    ['fields too long', part('name="a"', 'x'.repeat(20_001)), 'MaxPostPreDataLengthExceeded'],
    ['endless headers', `--${BOUNDARY}\r\n${'x'.repeat(9000)}`, 'MalformedPOSTRequest'],
    [
      'two files',
      `${part('name="file"', 'a')}${part('name="file"', 'b')}--${BOUNDARY}--`,
      'IncorrectNumberOfFilesInPostRequest',
    ],
  ])('refuses %s', async (_name, text, code, boundary = BOUNDARY) => {
    await expect(parse(Buffer.from(text), 1000, boundary)).rejects.toMatchObject({ code });
  });
});

describe('a presigned POST', () => {
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

  const PNG = new Blob([Buffer.alloc(1000, 7)], { type: 'image/png' });
  const send = (form: FormData, bucket = BUCKET): Promise<Response> =>
    fetch(`${s3.s3().url}/${bucket}`, { method: 'POST', body: form, redirect: 'manual' });
  const post = async (form: PostForm, file = PNG) =>
    outcome(await send(formData(postFields(form), file)));
  const head = (Key: string) => client.send(new HeadObjectCommand({ Bucket: BUCKET, Key }));

  test('stores the file as the form says', async () => {
    const fields = {
      'Content-Type': 'image/png',
      'Cache-Control': 'no-store',
      'x-amz-meta-name': PLACEHOLDER,
      tagging: '<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>',
      'x-ignore-me': 'x',
    };
    const conditions: PolicyCondition[] = [
      { bucket: BUCKET },
      ['starts-with', '$key', 'ingest/'],
      ['starts-with', '$Content-Type', 'image/'],
      { 'cache-control': 'no-store' },
      ['eq', '$x-amz-meta-name', 'my cat.png'],
      ['starts-with', '$tagging', ''],
      ['content-length-range', 1, 1000],
    ];
    const key = `ingest/${PLACEHOLDER}`;
    const response = await send(
      formData(postFields({ key, fields, conditions }), PNG, 'dir/my cat.png'),
    );
    expect(response.status).toBe(204);
    expect(await response.text()).toBe('');
    const Key = 'ingest/my cat.png';
    const got = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }));
    expect(await got.Body?.transformToByteArray()).toEqual(new Uint8Array(1000).fill(7));
    expect(got).toMatchObject({
      ContentType: 'image/png',
      CacheControl: 'no-store',
      Metadata: { name: 'my cat.png' },
      TagCount: 1,
    });
    expect(response.headers.get('etag')).toBe(got.ETag);
    const tags = await client.send(new GetObjectTaggingCommand({ Bucket: BUCKET, Key }));
    expect(tags.TagSet).toEqual([{ Key: 'a', Value: '1' }]);
  });

  test('answers as the form asks', async () => {
    const ask = (name: string, value: string) =>
      send(
        formData(
          postFields({
            key: 'asked &',
            fields: { [name]: value },
            conditions: [{ key: 'asked &' }, { [name]: value }],
          }),
          PNG,
        ),
      );
    expect((await ask('success_action_status', '200')).status).toBe(200);
    expect((await ask('success_action_status', '302')).status).toBe(204);
    const created = await ask('success_action_status', '201');
    expect(created.status).toBe(201);
    const { url } = s3.s3();
    expect(created.headers.get('location')).toBe(`${url}/${BUCKET}/asked%20%26`);
    expect(await created.text()).toContain(
      `<Location>${url}/${BUCKET}/asked%20%26</Location><Bucket>${BUCKET}</Bucket><Key>asked &amp;</Key><ETag>&quot;`,
    );
    const redirected = await ask('success_action_redirect', 'http://localhost:3000/done?a=1');
    expect(redirected.status).toBe(303);
    const to = new URL(redirected.headers.get('location') ?? '');
    expect(to.origin + to.pathname).toBe('http://localhost:3000/done');
    expect(Object.fromEntries(to.searchParams)).toMatchObject({
      a: '1',
      bucket: BUCKET,
      key: 'asked &',
    });
    expect((await ask('success_action_redirect', 'javascript:alert(1)')).status).toBe(204);
  });

  const key = 'refused';
  const range = (min: number, max: number) =>
    [{ key }, ['content-length-range', min, max]] as const;
  test.each<[string, PostForm, string]>([
    ['expired', { key, time: Date.now() - 120_000 }, '403 AccessDenied'],
    ['another key', { key, conditions: [{ key: 'other' }] }, '403 AccessDenied'],
    ['another bucket', { key, conditions: [{ key }, { bucket: 'other' }] }, '403 AccessDenied'],
    ['eq', { key, conditions: [['eq', '$key', 'Refused']] }, '403 AccessDenied'],
    ['starts-with', { key, conditions: [['starts-with', '$key', 'ingest/']] }, '403 AccessDenied'],
    ['a field that is missing', { key, conditions: [{ key }, { acl: 'x' }] }, '403 AccessDenied'],
    ['a field not covered', { key, fields: { 'Content-Type': 'a/b' } }, '403 AccessDenied'],
    ['key not covered', { key, conditions: [] }, '403 AccessDenied'],
    ['too large', { key, conditions: range(0, 999) }, '400 EntityTooLarge'],
    ['too small', { key, conditions: range(1001, 2000) }, '400 EntityTooSmall'],
    ['an operator', { key, conditions: [['ends-with', '$key', '']] }, '400 InvalidPolicyDocument'],
    [
      'no range',
      { key, conditions: [['content-length-range', 'a', 1]] },
      '400 InvalidPolicyDocument',
    ],
    [
      'a checksum',
      {
        key,
        fields: { 'x-amz-checksum-crc32': 'AAAAAA==' },
        conditions: [{ key }, ['starts-with', '$x-amz-checksum-crc32', '']],
      },
      '400 BadDigest',
    ],
    [
      'metadata that no header can hold',
      { key, fields: { 'x-amz-meta-a': '😀' }, conditions: [{ key }, { 'x-amz-meta-a': '😀' }] },
      '400 InvalidArgument',
    ],
  ])('refused: %s', async (_name, form, expected) => {
    expect(await post(form)).toBe(expected);
    expect(await sdkOutcome(head(key))).toBe('404 NotFound');
  });

  test('the bounds of content-length-range are inside', async () => {
    for (const [min, max] of [
      [1000, 1000],
      [0, 1000],
    ] as const) {
      const conditions = [{ key: 'size' }, ['content-length-range', min, max]] as const;
      expect(await post({ key: 'size', conditions })).toBe('204');
    }
  });

  test.each<[string, (fields: Record<string, string>) => Record<string, string>, string]>([
    ['policy', (f) => ({ ...f, policy: `${f.policy}AA` }), '403 SignatureDoesNotMatch'],
    [
      'signature',
      (f) => ({ ...f, 'x-amz-signature': 'a'.repeat(64) }),
      '403 SignatureDoesNotMatch',
    ],
    [
      'date',
      (f) => ({ ...f, 'x-amz-date': '20200101T000000Z' }),
      '400 AuthorizationQueryParametersError',
    ],
    ['no policy', ({ policy: _, ...f }) => f, '403 AccessDenied'],
    ['no signature', ({ 'x-amz-signature': _, ...f }) => f, '400 InvalidArgument'],
    ['no date', ({ 'x-amz-date': _, ...f }) => f, '400 InvalidArgument'],
    ['algorithm', (f) => ({ ...f, 'x-amz-algorithm': 'none' }), '400 InvalidArgument'],
    [
      'key id',
      (f) => ({ ...f, 'x-amz-credential': `X${f['x-amz-credential']}` }),
      '403 InvalidAccessKeyId',
    ],
    [
      'region',
      (f) => ({ ...f, 'x-amz-credential': f['x-amz-credential']?.replace('eu-', 'us-') ?? '' }),
      '400 AuthorizationQueryParametersError',
    ],
    ['no key', ({ key: _, ...f }) => f, '403 AccessDenied'],
    ['nothing', () => ({}), '403 AccessDenied'],
  ])('changed after signing: %s', async (_name, change, expected) => {
    const response = await send(formData(change(postFields({ key })), PNG));
    expect(await outcome(response)).toBe(expected);
  });

  test('no file, a key behind the file, no bucket', async () => {
    const fields = postFields({ key });
    expect(await outcome(await send(formData(fields, undefined)))).toBe(
      '400 IncorrectNumberOfFilesInPostRequest',
    );
    const { key: late, ...others } = fields;
    const form = formData(others, PNG);
    form.append('key', late ?? '');
    expect(await outcome(await send(form))).toBe('403 AccessDenied');
    expect(await outcome(await send(formData(fields, PNG), 'nowhere'))).toBe('404 NoSuchBucket');
  });

  test('a refused file of 10 MB: the browser gets to read why', async () => {
    const conditions = [{ key }, ['content-length-range', 0, 1000]] as const;
    const big = new Blob([Buffer.alloc(10_000_000)]);
    for (let i = 0; i < 5; i += 1) {
      expect(await post({ key, conditions }, big)).toBe('400 EntityTooLarge');
    }
  });
});
