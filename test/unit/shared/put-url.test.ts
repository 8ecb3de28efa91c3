import { PutObjectCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { describe, expect, test } from '@jest/globals';
import { createPresigner } from '../../../src/shared/object-store/presigner.ts';
import { type PutRequest, putUrlsLike } from '../../../src/shared/object-store/put-url.ts';

const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPx' };
const SESSION = { ...CREDENTIALS, sessionToken: 'IQoJb3Jp//Z2lu+X2VjE/Kk==' };
const DATE = new Date('2026-02-22T23:59:59.987Z');
const NEXT_DAY = new Date('2026-02-23T00:00:00.001Z');
const FIRST = { key: 'ingest/01ARZ3NDEKTSV4RRFFQ69G5FAV', contentType: 'image/png' };

const PLACES: [string, string, S3ClientConfig][] = [
  ['a bucket in the host', 'media', {}],
  ['a bucket with dots', 'me.dia', {}],
  ['a bucket in the path', 'media', { forcePathStyle: true }],
  ['another region', 'media', { region: 'us-east-1' }],
  ['China', 'media', { region: 'cn-north-1' }],
  ['dual stack', 'media', { useDualstackEndpoint: true }],
  ['FIPS', 'media', { region: 'us-gov-west-1', useFipsEndpoint: true }],
  ['acceleration', 'media', { useAccelerateEndpoint: true }],
  ['an endpoint', 'media', { endpoint: 'https://s3.example.com:9443' }],
  [
    'an endpoint with a path',
    'media',
    { endpoint: 'https://example.com/s3/', forcePathStyle: true },
  ],
  ['an IP address', 'media', { endpoint: 'http://127.0.0.1:9000' }],
  ['a usual port', 'media', { endpoint: 'http://localhost:80' }],
  ['an access point', 'arn:aws:s3:eu-central-1:123456789012:accesspoint/up', {}],
  ['a session token', 'media', { credentials: SESSION }],
  ['an access key with a slash', 'media', { credentials: { ...SESSION, accessKeyId: 'A/B+C' } }],
];

const REQUESTS: (Omit<PutRequest, 'expiresInSeconds'> & { expiresInSeconds?: number })[] = [
  FIRST,
  { ...FIRST, contentLength: 1 },
  { ...FIRST, contentLength: 10_485_760, onlyOnce: true },
  { ...FIRST, onlyOnce: true },
  { ...FIRST, onlyOnce: false, contentLength: undefined, expiresInSeconds: 604_800 },
  { ...FIRST, expiresInSeconds: 1 },
  { ...FIRST, contentType: 'image/jpeg' },
  { ...FIRST, contentType: 'image/svg+xml;  charset="utf-8" ' },
  { key: 'k', contentType: 'image/avif' },
  { key: "a b/!'()*+,;=:@&$~-_.%2F?#[]ü😀", contentType: 'image/gif' },
  { key: '/leading//double/trailing/', contentType: 'image/webp' },
];

function clientOf(config: S3ClientConfig): S3Client {
  return new S3Client({
    region: 'eu-central-1',
    credentials: CREDENTIALS,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    ...config,
  });
}

function presignBySdk(client: S3Client, bucket: string, request: PutRequest, signingDate: Date) {
  const { key, contentType, contentLength, onlyOnce, expiresInSeconds } = request;
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    ContentType: contentType,
    ContentLength: contentLength,
    IfNoneMatch: onlyOnce ? '*' : undefined,
  });
  return getSignedUrl(client, command, {
    signingDate,
    expiresIn: expiresInSeconds,
    signableHeaders: new Set(['host', 'content-type', 'content-length', 'if-none-match']),
  });
}

describe.each(PLACES)('the URL of a PUT to %s', (_name, bucket, config) => {
  test.each(REQUESTS)('is what the SDK makes of %j', async (options) => {
    const client = clientOf(config);
    const credentials = await client.config.credentials();
    const request = { expiresInSeconds: 300, ...options };
    // Learnt from one URL, used for another, on another day.
    const first = { ...FIRST, expiresInSeconds: 60 };
    const sign = putUrlsLike(await presignBySdk(client, bucket, first, DATE), FIRST.key);
    for (const date of [DATE, NEXT_DAY, DATE]) {
      expect(sign?.(request, credentials, date)).toBe(
        await presignBySdk(client, bucket, request, date),
      );
    }
    client.destroy();
  });
});

describe('what is learnt', () => {
  test.each([
    'https://media.s3.amazonaws.com/other-key?X-Amz-Algorithm=a&X-Amz-Credential=a',
    'https://media.s3.amazonaws.com/k?Signature=old',
    'nonsense',
  ])('is nothing from %s', (url) => {
    expect(putUrlsLike(url, 'k')).toBeNull();
  });
});

describe('a presigner', () => {
  const upload = { ...FIRST, expiresInSeconds: 300 };

  test('uses the credentials of the moment', async () => {
    let credentials: typeof CREDENTIALS & { sessionToken?: string } = CREDENTIALS;
    const client = clientOf({ credentials: async () => credentials });
    // What the SDK remembers is asked for again only when it is about to expire.
    client.config.credentials = Object.assign(async () => credentials, { memoized: true });
    const presigner = createPresigner(client, 'media');
    for (const next of [CREDENTIALS, SESSION, { ...CREDENTIALS, secretAccessKey: 'another' }]) {
      credentials = next;
      for (let time = 0; time < 2; time += 1) {
        const { url, expiresAt } = await presigner.presignUpload(upload);
        const date = new Date(expiresAt.getTime() - 300_000);
        const fixed = clientOf({ credentials: next });
        expect(url).toBe(await presignBySdk(fixed, 'media', upload, date));
        fixed.destroy();
      }
    }
    client.destroy();
  });

  test('fails with its credentials, and works again with them', async () => {
    let isDown = true;
    const client = clientOf({});
    client.config.credentials = Object.assign(
      async () => {
        if (isDown) throw new Error('no credentials');
        return CREDENTIALS;
      },
      { memoized: true },
    );
    const presigner = createPresigner(client, 'media');
    await expect(presigner.presignUpload(upload)).rejects.toThrow('no credentials');
    isDown = false;
    expect((await presigner.presignUpload(upload)).url).toContain('X-Amz-Signature=');
    client.destroy();
  });

  test('leaves a bucket that is signed in another way to the SDK', async () => {
    const client = clientOf({});
    // As for the directory buckets of S3 Express: one more header that is part of the signature.
    client.middlewareStack.add(
      (next) => (args) => {
        (args.request as { headers: Record<string, string> }).headers['x-amz-extra'] = 'yes';
        return next(args);
      },
      { step: 'build' },
    );
    const presigner = createPresigner(client, 'media');
    for (let time = 0; time < 3; time += 1) {
      expect((await presigner.presignUpload(upload)).url).toContain('x-amz-extra=yes');
    }
    client.destroy();
  });
});
