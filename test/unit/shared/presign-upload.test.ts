import { createHash, createHmac } from 'node:crypto';
import { afterAll, describe, expect, test } from '@jest/globals';
import { createObjectStore } from '../../../src/shared/object-store.ts';
import { apiConfig, awsCredentials } from '../../support/config.ts';

const hmac = (key: string | Buffer, text: string) =>
  createHmac('sha256', key).update(text).digest();

/**
 * The signature that a presigned PUT must have when it is sent with these headers ("Authenticating
 * Requests: Using Query Parameters", Amazon S3 API Reference). Shares no code with the SDK.
 */
function expectedSignature(url: URL, headers: Record<string, string>): string {
  const parameters = [...url.searchParams].filter(([name]) => name !== 'X-Amz-Signature');
  const query = parameters
    .map((pair) => pair.map(encodeURIComponent).join('='))
    .sort()
    .join('&');
  const sent = { host: url.host, ...headers } as Record<string, string>;
  const names = (url.searchParams.get('X-Amz-SignedHeaders') ?? '').split(';');
  const canonical = [
    'PUT',
    url.pathname,
    query,
    ...names.map((name) => `${name}:${sent[name]}`),
    '',
    names.join(';'),
    'UNSIGNED-PAYLOAD',
  ].join('\n');
  const date = url.searchParams.get('X-Amz-Date') ?? '';
  const scope = [date.slice(0, 8), 'eu-central-1', 's3', 'aws4_request'];
  const toSign = [
    'AWS4-HMAC-SHA256',
    date,
    scope.join('/'),
    createHash('sha256').update(canonical).digest('hex'),
  ].join('\n');
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${awsCredentials.secretAccessKey}`);
  return hmac(key, toSign).toString('hex');
}

describe('presignUpload', () => {
  const store = createObjectStore(apiConfig());

  afterAll(() => store.close());

  test.each([
    [{}, { 'content-type': 'image/png' }],
    [{ contentLength: 77 }, { 'content-type': 'image/png', 'content-length': '77' }],
    [{ onlyOnce: true }, { 'content-type': 'image/png', 'if-none-match': '*' }],
    [
      { contentLength: 1, onlyOnce: true },
      { 'content-type': 'image/png', 'content-length': '1', 'if-none-match': '*' },
    ],
  ])('with %j the signature covers exactly the headers that are named', async (options, sent) => {
    const { url, headers } = await store.presignUpload({
      key: 'ingest/01ARZ3NDEKTSV4RRFFQ69G5FAV',
      contentType: 'image/png',
      expiresInSeconds: 300,
      ...options,
    });
    const named = headers.map(({ name, value }) => [name.toLowerCase(), value]);
    expect(Object.fromEntries(named)).toEqual(sent);
    const parsed = new URL(url);
    const signature = parsed.searchParams.get('X-Amz-Signature');
    expect(signature).toBe(expectedSignature(parsed, sent));
    // Any other value of any of them, and the signature is another.
    for (const name of Object.keys(sent)) {
      expect(signature).not.toBe(expectedSignature(parsed, { ...sent, [name]: 'other' }));
    }
  });

  test('expiresAt is when the signature ends, in whole seconds', async () => {
    const { url, expiresAt } = await store.presignUpload({
      key: 'k',
      contentType: 'image/png',
      expiresInSeconds: 120,
    });
    const { searchParams } = new URL(url);
    const [, year, month, day, hour, minute, second] = (
      /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(searchParams.get('X-Amz-Date') ?? '') ?? []
    ).map(Number);
    const signedAt = Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute, second);
    expect(searchParams.get('X-Amz-Expires')).toBe('120');
    expect(expiresAt.getTime()).toBe(signedAt + 120_000);
  });

  test('gives no secret away', async () => {
    const upload = await store.presignUpload({
      key: 'k',
      contentType: 'image/png',
      expiresInSeconds: 300,
    });
    expect(JSON.stringify(upload)).not.toContain(awsCredentials.secretAccessKey);
  });
});
