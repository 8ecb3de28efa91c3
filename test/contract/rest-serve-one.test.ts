import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FAILURE_REASONS, type FailureReason } from '../../src/domain/image-status.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { cdnKey } from '../support/config.ts';
import { isSignedBy, parseCannedUrl } from '../support/keys.ts';

describe.each(['serve', 'download'])('GET /api/image/v1/%s/get-signed-url/{image_id}', (family) => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi();
  });

  afterAll(() => api.close());

  const path = (id: string) => `/api/image/v1/${family}/get-signed-url/${id}`;

  test('a ready image: a signed URL of the validated version', async () => {
    const id = await api.seed.ready('v/1+x');
    const before = Math.floor(Date.now() / 1000);
    const { status, json } = await api.send(path(id));
    const after = Math.floor(Date.now() / 1000);

    expect(status).toBe(200);
    expect(json).toEqual({
      image_id: id,
      download_url: expect.any(String),
      expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    const { download_url: url, expires_at: expiresAt } = json as Record<string, string>;
    const { resource, expires, keyPairId, hash } = parseCannedUrl(url ?? '');
    expect(resource).toBe(`https://cdn.example.com/ingest/${id}?versionId=v%2F1%2Bx`);
    expect({ keyPairId, hash }).toEqual({ keyPairId: 'K2TESTKEYPAIR', hash: null });
    expect(isSignedBy(cdnKey.publicKey, url ?? '')).toBe(true);
    expect(Date.parse(expiresAt ?? '')).toBe(expires * 1000);
    expect(expires).toBeGreaterThanOrEqual(before + 600);
    expect(expires).toBeLessThanOrEqual(after + 600);
  });

  test('a ready image of an unversioned bucket: no versionId', async () => {
    const id = await api.seed.ready(null);
    const { json } = await api.send(path(id));
    const { resource } = parseCannedUrl((json as Record<string, string>).download_url ?? '');
    expect(resource).toBe(`https://cdn.example.com/ingest/${id}`);
  });

  test('a pending image', async () => {
    const { status, json } = await api.send(path(await api.seed.pending()));
    expect(status).toBe(404);
    expect(json).toEqual({ message: 'image is not yet available', code: 'IMAGE_NOT_AVAILABLE' });
  });

  test.each(Object.entries(FAILURE_REASONS) as [FailureReason, string][])(
    'an image that failed with %s',
    async (reason, words) => {
      const { status, json } = await api.send(path(await api.seed.failed(reason)));
      expect(status).toBe(404);
      expect(json).toEqual({ message: `image failed validation: ${words}`, code: 'IMAGE_FAILED' });
    },
  );

  test.each([
    ['that nobody has', '01ARZ3NDEKTSV4RRFFQ69G5FAV'],
    ['beyond the largest ULID', '8ZZZZZZZZZZZZZZZZZZZZZZZZZ'],
    ['in lower case', '01arz3ndektsv4rrffq69g5fav'],
    ['that is no ULID', 'garbage'],
    ['with a NUL', '01ARZ3NDEKTSV4RRFFQ69G5FA%00'],
    ['with SQL in it', "x'%20OR%20'1'='1"],
    ['with a slash in it', '..%2F..%2Fetc'],
    ['of a thousand characters', 'A'.repeat(1000)],
  ])('an id %s', async (_what, id) => {
    const { status, json } = await api.send(path(id));
    expect(status).toBe(404);
    expect(json).toEqual({ message: 'image not found', code: 'IMAGE_NOT_FOUND' });
  });

  test('a broken percent-encoding', async () => {
    const { status, json } = await api.send(path('%zz'));
    expect(status).toBe(400);
    expect(json).toEqual({
      message: 'the URL is not valid percent-encoded UTF-8',
      code: 'MALFORMED_URL',
    });
  });

  test('no answer that holds a signed URL may be cached or sniffed', async () => {
    const { headers } = await api.send(path(await api.seed.ready()));
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('etag')).toBeNull();
    expect(headers.get('x-powered-by')).toBeNull();
  });

  test('HEAD answers as GET does, without a body', async () => {
    const { status, text } = await api.send(path(await api.seed.ready()), { method: 'HEAD' });
    expect({ status, text }).toEqual({ status: 200, text: '' });
  });
});
