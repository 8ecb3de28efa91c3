import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CONTENT_TYPES } from '../../src/domain/content-types.ts';
import { startTestApi, type TestApi } from '../support/api.ts';

const UNSUPPORTED = {
  message:
    'unsupported content type: must be exactly one of image/jpeg, image/png, image/webp, image/avif, image/gif',
  code: 'UNSUPPORTED_CONTENT_TYPE',
};

const NOT_AN_OBJECT = 'the request body must be a JSON object with content_type and file_name';

describe.each(['ingest', 'upload'])('POST /api/image/v1/%s/create-presigned-url', (family) => {
  const path = `/api/image/v1/${family}/create-presigned-url`;
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi();
  });

  afterAll(() => api.close());

  test.each(CONTENT_TYPES)('%s: a pending image and the URL for its upload', async (type) => {
    const before = Math.floor(Date.now() / 1000);
    const { status, json } = await api.post(path, { content_type: type, file_name: 'Näme 1.png' });
    const after = Math.floor(Date.now() / 1000);

    expect(status).toBe(201);
    expect(json).toEqual({
      image_id: expect.stringMatching(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/),
      upload_url: expect.any(String),
      expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    const { image_id: id, upload_url, expires_at } = json as Record<string, string>;
    const url = new URL(upload_url ?? '');
    expect(url.pathname).toBe(`/secret-bucket/ingest/${id}`);
    // No header but Content-Type is needed, and no checksum of a body that nobody has yet.
    expect(url.searchParams.get('X-Amz-SignedHeaders')).toBe('content-type;host');
    expect([...url.searchParams.keys()].filter((name) => /checksum/i.test(name))).toEqual([]);
    expect(url.searchParams.get('X-Amz-Expires')).toBe('300');
    const expiry = Date.parse(expires_at ?? '') / 1000;
    expect(expiry).toBeGreaterThanOrEqual(before + 300);
    expect(expiry).toBeLessThanOrEqual(after + 300);

    const { data } = await api.graphql(`{ image(id: "${id}") { status contentType fileName } }`);
    expect(data).toEqual({
      image: { status: 'PENDING', contentType: type, fileName: 'Näme 1.png' },
    });
  });

  describe('is refused, and no record is stored,', () => {
    test.each([
      'image/*',
      'image/svg+xml',
      'image/jpg',
      'IMAGE/PNG',
      'image/png; charset=binary',
      ' image/png',
      'image/png\n',
      'text/html',
      '',
    ])('for the content type %j', async (content_type) => {
      const stored = await api.seed.count();
      const { status, json } = await api.post(path, { content_type, file_name: 'a.png' });
      expect({ status, json }).toEqual({ status: 400, json: UNSUPPORTED });
      expect(await api.seed.count()).toBe(stored);
    });

    test.each([
      ['empty', '', 'file name must not be empty'],
      ['too long', 'x'.repeat(256), 'file name must be at most 255 characters long'],
      ['with a NUL', 'a\0.png', 'file name must not contain control characters'],
      ['with a line end', 'a\n.png', 'file name must not contain control characters'],
      ['that is half an emoji', '\ud83d.png', 'file name must be well-formed Unicode'],
    ])('for a file name that is %s', async (_what, file_name, message) => {
      const stored = await api.seed.count();
      const { status, json } = await api.post(path, { content_type: 'image/png', file_name });
      expect({ status, json }).toEqual({
        status: 400,
        json: { message, code: 'INVALID_FILE_NAME' },
      });
      expect(await api.seed.count()).toBe(stored);
    });

    test.each([
      [{}, 'content_type is missing; file_name is missing'],
      [{ content_type: 'image/png' }, 'file_name is missing'],
      [{ file_name: 'a.png' }, 'content_type is missing'],
      [{ content_type: 5, file_name: 'a.png' }, 'content_type must be a string'],
      [{ content_type: null, file_name: 'a.png' }, 'content_type must be a string'],
      [{ content_type: 'image/png', file_name: ['a'] }, 'file_name must be a string'],
      [
        { content_type: {}, file_name: 7 },
        'content_type must be a string; file_name must be a string',
      ],
      [[], NOT_AN_OBJECT],
      [null, NOT_AN_OBJECT],
      [true, NOT_AN_OBJECT],
      ['text', NOT_AN_OBJECT],
      [12, NOT_AN_OBJECT],
    ])('for the body %j', async (body, message) => {
      const stored = await api.seed.count();
      const { status, json } = await api.post(path, body);
      expect({ status, json }).toEqual({ status: 400, json: { message, code: 'INVALID_REQUEST' } });
      expect(await api.seed.count()).toBe(stored);
    });

    test('without a body', async () => {
      const { status, json } = await api.send(path, { method: 'POST' });
      expect(status).toBe(400);
      expect(json).toEqual({
        message: 'content_type is missing; file_name is missing',
        code: 'INVALID_REQUEST',
      });
    });
  });

  test('a file name of 255 emoji is kept as given', async () => {
    const file_name = '🦊'.repeat(255);
    const { status, json } = await api.post(path, { content_type: 'image/gif', file_name });
    expect(status).toBe(201);
    const { image_id: id } = json as Record<string, string>;
    const { data } = await api.graphql(`{ image(id: "${id}") { fileName } }`);
    expect(data).toEqual({ image: { fileName: file_name } });
  });

  test('a file name is no part of the key, and HTML and paths in it are only text', async () => {
    const file_name = '../../<script>alert(1)</script>"\\.png';
    const { json } = await api.post(path, { content_type: 'image/png', file_name });
    const { image_id: id, upload_url } = json as Record<string, string>;
    expect(new URL(upload_url ?? '').pathname).toBe(`/secret-bucket/ingest/${id}`);
    const { data } = await api.graphql(`{ image(id: "${id}") { fileName } }`);
    expect(data).toEqual({ image: { fileName: file_name } });
  });

  test('fields that are not known are left alone', async () => {
    const body = { content_type: 'image/png', file_name: 'a', id: 'mine', status: 'ready' };
    const { status, json } = await api.post(path, body);
    expect(status).toBe(201);
    expect((json as Record<string, string>).image_id).not.toBe('mine');
  });
});
