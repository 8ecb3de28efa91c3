import { GetObjectCommand, HeadBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { authenticate } from '../../src/local/s3/authenticate.ts';
import { decodeAwsChunked } from '../../src/local/s3/aws-chunked.ts';
import { parseTarget } from '../../src/local/s3/target.ts';
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

/** The keys and the moment of all examples in AWS's documentation. */
const DOCS = {
  credentials: {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  },
  region: 'us-east-1',
  now: () => Date.UTC(2013, 4, 24),
};
const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

function fromDocs(
  method: string,
  url: string,
  headers: Record<string, string>,
  signature: string,
): Parameters<typeof authenticate>[0] {
  const all = { 'x-amz-date': '20130524T000000Z', ...headers };
  const names = Object.keys(all).sort().join(';');
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=${names},Signature=${signature}`;
  const target = parseTarget(url);
  return {
    method,
    rawPath: target.rawPath,
    query: target.query,
    headers: new Map(Object.entries({ ...all, authorization })),
  };
}

describe('the examples of AWS\'s page "Signature Calculations for the Authorization Header"', () => {
  const host = 'examplebucket.s3.amazonaws.com';
  test.each([
    [
      'GET Object',
      fromDocs(
        'GET',
        '/test.txt',
        { host, range: 'bytes=0-9', 'x-amz-content-sha256': EMPTY_HASH },
        'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
      ),
    ],
    [
      'PUT Object',
      fromDocs(
        'PUT',
        '/test%24file.text',
        {
          date: 'Fri, 24 May 2013 00:00:00 GMT',
          host,
          'x-amz-content-sha256':
            '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
          'x-amz-storage-class': 'REDUCED_REDUNDANCY',
        },
        '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
      ),
    ],
    [
      'GET Bucket Lifecycle',
      fromDocs(
        'GET',
        '/?lifecycle',
        { host, 'x-amz-content-sha256': EMPTY_HASH },
        'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
      ),
    ],
    [
      'List Objects',
      fromDocs(
        'GET',
        '/?max-keys=2&prefix=J',
        { host, 'x-amz-content-sha256': EMPTY_HASH },
        '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
      ),
    ],
  ])('%s', (_name, request) => {
    expect(authenticate(request, DOCS).presigned).toBe(false);
    const changed = { ...request, method: 'DELETE' };
    expect(() => authenticate(changed, DOCS)).toThrow('signature we calculated does not match');
  });

  test('a body in signed chunks, each one holding the next one', async () => {
    const request = fromDocs(
      'PUT',
      '/examplebucket/chunkObject.txt',
      {
        'content-encoding': 'aws-chunked',
        'content-length': '66824',
        host: 's3.amazonaws.com',
        'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
        'x-amz-decoded-content-length': '66560',
        'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      },
      '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
    );
    const { seed } = authenticate(request, DOCS);
    const chunk = (size: number, signature: string): string =>
      `${size.toString(16)};chunk-signature=${signature}\r\n${'a'.repeat(size)}\r\n`;
    const body = [
      chunk(65536, 'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648'),
      chunk(1024, '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497'),
      chunk(0, 'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9'),
    ].join('');
    const decode = async (text: string): Promise<number> => {
      async function* source(): AsyncGenerator<Buffer> {
        for (let i = 0; i < text.length; i += 1000) yield Buffer.from(text.slice(i, i + 1000));
      }
      const { content } = decodeAwsChunked(source(), { seed, trailer: false });
      let size = 0;
      for (let part = await content.next(); part.done !== true; part = await content.next()) {
        size += part.value.length;
      }
      return size;
    };
    expect(body).toHaveLength(66824);
    expect(await decode(body)).toBe(66560);
    await expect(decode(body.replace('aa\r\n', 'ab\r\n'))).rejects.toThrow(
      'signature we calculated does not match',
    );
    await expect(decode(body.slice(0, -90))).rejects.toMatchObject({ code: 'IncompleteBody' });
  });
});

describe('the example of AWS\'s page "Authenticating Requests: Using Query Parameters"', () => {
  const url =
    '/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';
  const request = {
    method: 'GET',
    rawPath: '/test.txt',
    query: parseTarget(url).query,
    headers: new Map([['host', 'examplebucket.s3.amazonaws.com']]),
  };
  test('is good for a day, and no longer', () => {
    const lastMoment = DOCS.now() + 86_400_000;
    expect(authenticate(request, { ...DOCS, now: () => lastMoment }).presigned).toBe(true);
    expect(() => authenticate(request, { ...DOCS, now: () => lastMoment + 1 })).toThrow(
      'Request has expired',
    );
    expect(() => authenticate(request, { ...DOCS, now: () => DOCS.now() - 16 * 60_000 })).toThrow(
      'not valid yet',
    );
  });
});

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
