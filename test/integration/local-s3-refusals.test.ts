import { GetObjectCommand, HeadBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
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

const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

describe('refusals', () => {
  let s3: TestS3;
  beforeAll(async () => {
    s3 = await startTestS3();
  });
  afterAll(async () => {
    await s3.stop();
    expect(s3.problems).toEqual([]);
  });

  const BODY = Buffer.from('0123456789');
  const SIGNED = new Set(['host', 'content-type', 'content-length']);
  const presign = (options: { expiresIn?: number; signingDate?: Date } = {}): Promise<string> =>
    getSignedUrl(
      s3.client(),
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: 'ingest/a b+é!*(1).png',
        ContentType: 'image/png',
        ContentLength: BODY.length,
      }),
      { expiresIn: 60, signableHeaders: SIGNED, ...options },
    );
  const put = async (
    url: string,
    headers: Record<string, string> = {},
    body: Buffer = BODY,
  ): Promise<string> =>
    outcome(
      await fetch(url, {
        method: 'PUT',
        headers: { 'content-type': 'image/png', ...headers },
        body,
      }),
    );

  test('a presigned PUT as signed is stored', async () => {
    expect(await put(await presign())).toBe('200');
  });

  const edit = (name: string, value: string | null) => (url: string) => {
    const edited = new URL(url);
    if (value === null) edited.searchParams.delete(name);
    else edited.searchParams.set(name, value);
    return edited.href;
  };
  const scope = (change: (parts: string[]) => string[]) => (url: string) => {
    const parts = new URL(url).searchParams.get('X-Amz-Credential')?.split('/') ?? [];
    return edit('X-Amz-Credential', change(parts).join('/'))(url);
  };

  test.each<[string, (url: string) => string, string]>([
    ['no query', (url) => url.replace(/\?.*/, ''), '403 AccessDenied'],
    ['another key', (url) => url.replace('ingest/', 'final/'), '403 SignatureDoesNotMatch'],
    ['a longer life', edit('X-Amz-Expires', '61'), '403 SignatureDoesNotMatch'],
    ['another date', edit('X-Amz-Date', 'x'), '400 AuthorizationQueryParametersError'],
    ['fewer headers', edit('X-Amz-SignedHeaders', 'host'), '403 SignatureDoesNotMatch'],
    ['host unsigned', edit('X-Amz-SignedHeaders', 'content-type'), '403 AccessDenied'],
    ['one more parameter', edit('x-id', 'GetObject'), '403 SignatureDoesNotMatch'],
    ['a parameter more', (url) => `${url}&tagging=`, '403 SignatureDoesNotMatch'],
    ['zero seconds', edit('X-Amz-Expires', '0'), '400 AuthorizationQueryParametersError'],
    ['below zero', edit('X-Amz-Expires', '-5'), '400 AuthorizationQueryParametersError'],
    ['over a week', edit('X-Amz-Expires', '604801'), '400 AuthorizationQueryParametersError'],
    ['no number', edit('X-Amz-Expires', '1e3'), '400 AuthorizationQueryParametersError'],
    ['no expiry', edit('X-Amz-Expires', null), '400 AuthorizationQueryParametersError'],
    ['no signature', edit('X-Amz-Signature', null), '400 AuthorizationQueryParametersError'],
    ['no date', edit('X-Amz-Date', null), '400 AuthorizationQueryParametersError'],
    ['a short signature', edit('X-Amz-Signature', 'ab'), '403 SignatureDoesNotMatch'],
    ['no hex', edit('X-Amz-Signature', 'é'.repeat(64)), '403 SignatureDoesNotMatch'],
    ['algorithm', edit('X-Amz-Algorithm', 'none'), '400 AuthorizationQueryParametersError'],
    ['a session token', edit('X-Amz-Security-Token', 'x'), '400 InvalidToken'],
    [
      'region',
      scope(([id = '', day = '', , ...rest]) => [id, day, 'us-west-2', ...rest]),
      '400 AuthorizationQueryParametersError',
    ],
    [
      'service',
      scope(([id = '', day = '', region = '', , end = '']) => [id, day, region, 'sqs', end]),
      '400 AuthorizationQueryParametersError',
    ],
    [
      'day',
      scope(([id = '', , ...rest]) => [id, '20010101', ...rest]),
      '400 AuthorizationQueryParametersError',
    ],
    ['bad credential', scope(() => ['x']), '400 AuthorizationQueryParametersError'],
    ['unknown key id', scope(([, ...rest]) => ['NOBODY', ...rest]), '403 InvalidAccessKeyId'],
    ['a name twice', (url) => `${url}&X-Amz-Expires=60`, '400 InvalidArgument'],
    ['percent signs', (url) => url.replace('?', '%zz?'), '400 InvalidURI'],
    ['no UTF-8', (url) => url.replace('?', '%ff?'), '400 InvalidURI'],
    ['percent signs in the query', (url) => `${url}&a=%`, '400 InvalidURI'],
  ])('presigned: %s', async (_name, change, expected) => {
    expect(await put(change(await presign()))).toBe(expected);
  });

  test('presigned: what differs from what was signed', async () => {
    const url = await presign();
    expect(await put(url, { 'content-type': 'image/jpeg' })).toBe('403 SignatureDoesNotMatch');
    expect(await put(url, {}, Buffer.alloc(11))).toBe('403 SignatureDoesNotMatch');
    expect(await put(url, { 'x-amz-meta-a': 'b' })).toBe('403 AccessDenied');
    expect(await put(url, { authorization: 'AWS4-HMAC-SHA256 x' })).toBe('400 InvalidArgument');
    const get = await fetch(url, { headers: { 'content-type': 'image/png' } });
    expect(await outcome(get)).toBe('403 SignatureDoesNotMatch');
  });

  test("expired, with S3's details", async () => {
    const signingDate = new Date(Date.now() - 120_000);
    const url = await presign({ signingDate });
    const response = await fetch(url, { method: 'PUT', body: BODY });
    const text = await response.text();
    expect(response.status).toBe(403);
    expect(text).toContain('<Code>AccessDenied</Code><Message>Request has expired</Message>');
    expect(text).toContain('<X-Amz-Expires>60</X-Amz-Expires>');
    expect(text).toMatch(/<Expires>\d{4}-\d\d-\d\dT[\d:]{8}Z<\/Expires><ServerTime>/);
    expect(text).toContain('<Resource>/media-input/ingest/a%20b%2B%C3%A9%21%2A%281%29.png</');
    const requestId = response.headers.get('x-amz-request-id') ?? '';
    expect(requestId).toMatch(/^[0-9A-F]{16}$/);
    expect(text).toContain(`<RequestId>${requestId}</RequestId>`);
  });

  test('signed for a time that has not come', async () => {
    const signingDate = new Date(Date.now() + 16 * 60_000);
    expect(await put(await presign({ signingDate }))).toBe('403 AccessDenied');
  });

  test('a URL of Signature Version 2', async () => {
    const url = `${s3.s3().url}/${BUCKET}/a?AWSAccessKeyId=x&Signature=y&Expires=1`;
    expect(await outcome(await fetch(url))).toBe('400 InvalidRequest');
  });

  const GET = { method: 'GET', path: `/${BUCKET}?list-type=2` };
  test.each<[string, Parameters<typeof sendSigned>[1], Parameters<typeof sendSigned>[2], string]>([
    ['nothing wrong', GET, {}, '200'],
    ['14 minutes slow', GET, { time: Date.now() - 14 * 60_000 }, '200'],
    ['16 minutes slow', GET, { time: Date.now() - 16 * 60_000 }, '403 RequestTimeTooSkewed'],
    ['16 minutes fast', GET, { time: Date.now() + 16 * 60_000 }, '403 RequestTimeTooSkewed'],
    ['region', GET, { region: 'us-east-1' }, '400 AuthorizationHeaderMalformed'],
    ['service', GET, { service: 'sqs' }, '400 AuthorizationHeaderMalformed'],
    ['key id', GET, { accessKeyId: 'NOBODY' }, '403 InvalidAccessKeyId'],
    ['a token', { ...GET, headers: { 'x-amz-security-token': 'x' } }, {}, '400 InvalidToken'],
    ['date', { ...GET, headers: { 'x-amz-date': 'today' } }, {}, '403 AccessDenied'],
    [
      'a payload hash that is none',
      { method: 'PUT', path: `/${BUCKET}/k`, headers: { 'x-amz-content-sha256': 'x' } },
      {},
      '400 InvalidArgument',
    ],
    [
      'elliptic streaming',
      {
        method: 'PUT',
        path: `/${BUCKET}/k`,
        headers: { 'x-amz-content-sha256': 'STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD' },
      },
      {},
      '501 NotImplemented',
    ],
    [
      'another body than was hashed',
      {
        method: 'PUT',
        path: `/${BUCKET}/k`,
        headers: { 'x-amz-content-sha256': EMPTY_HASH },
        body: BODY,
      },
      {},
      '400 XAmzContentSHA256Mismatch',
    ],
  ])('header: %s', async (_name, request, change, expected) => {
    expect(await sendSigned(s3.s3().url, request, change)).toBe(expected);
  });

  test.each<[string, (headers: Record<string, string>) => Record<string, string>, string]>([
    ['tampered', (h) => ({ ...h, range: 'bytes=0-1' }), '200'],
    ['unsigned x-amz', (h) => ({ ...h, 'x-amz-acl': 'private' }), '403 AccessDenied'],
    [
      'signature',
      (h) => ({ ...h, authorization: `${h.authorization?.slice(0, -4)}0000` }),
      '403 SignatureDoesNotMatch',
    ],
    ['Version 2', (h) => ({ ...h, authorization: 'AWS LOCALKEY:c2ln' }), '400 InvalidRequest'],
    ['Bearer', (h) => ({ ...h, authorization: 'Bearer x' }), '400 InvalidArgument'],
    [
      'no fields',
      (h) => ({ ...h, authorization: 'AWS4-HMAC-SHA256' }),
      '400 AuthorizationHeaderMalformed',
    ],
    [
      'no Signature',
      (h) => ({ ...h, authorization: h.authorization?.replace(/, Signature.*/, '') ?? '' }),
      '400 AuthorizationHeaderMalformed',
    ],
    ['no hash', ({ 'x-amz-content-sha256': _, ...h }) => h, '400 InvalidRequest'],
    ['no date', ({ 'x-amz-date': _, ...h }) => h, '403 AccessDenied'],
  ])('header changed after signing: %s', async (_name, change, expected) => {
    const { url } = s3.s3();
    const headers = change(signedHeaders(url, GET));
    expect(rawOutcome(await sendRaw(url, { ...GET, headers }))).toBe(expected);
  });

  test('a wrong secret, and Host as localhost', async () => {
    const wrong = { accessKeyId: 'LOCALKEY', secretAccessKey: 'no' };
    const head = new HeadBucketCommand({ Bucket: BUCKET });
    expect(await sdkOutcome(s3.client({ credentials: wrong }).send(head))).toMatch(/^403 /);
    const endpoint = s3.s3().url.replace('127.0.0.1', 'localhost');
    expect(await sdkOutcome(s3.client({ endpoint }).send(head))).toBe('ok');
  });

  test('the checksum of an empty body, which the SDK puts into URLs by default', async () => {
    const client = s3.client({ requestChecksumCalculation: 'WHEN_SUPPORTED' });
    const command = new PutObjectCommand({ Bucket: BUCKET, Key: 'crc' });
    const url = await getSignedUrl(client, command, { expiresIn: 60 });
    expect(url).toContain('x-amz-checksum-crc32=');
    expect(await put(url)).toBe('400 BadDigest');
    expect(await put(url, {}, Buffer.alloc(0))).toBe('200');
  });

  test('expiry goes by the clock of the server', async () => {
    let clock = Date.now();
    const other = await startTestS3({ now: () => clock });
    try {
      await other.client().send(new PutObjectCommand({ Bucket: BUCKET, Key: 'k', Body: 'x' }));
      const command = new GetObjectCommand({ Bucket: BUCKET, Key: 'k' });
      const url = await getSignedUrl(other.client(), command, { expiresIn: 300 });
      expect(await outcome(await fetch(url))).toBe('200');
      clock += 301_000;
      expect(await outcome(await fetch(url))).toBe('403 AccessDenied');
    } finally {
      await other.stop();
    }
  });
});
