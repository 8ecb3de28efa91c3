import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CONTENT_TYPES } from '../../src/domain/content-types.ts';
import { startTestApi, type TestApi } from '../support/api.ts';

const CREATE = `mutation ($input: CreateImageIngestUrlInput!) {
  createImageIngestUrl(input: $input) {
    image {
      id status contentType fileName sizeBytes width height failureReason createdAt updatedAt
      access { downloadUrl }
    }
    uploadUrl
    uploadHeaders { name value }
    expiresAt
    userErrors { code message field }
  }
}`;

interface Payload {
  image: { id: string; createdAt: string; updatedAt: string } | null;
  uploadUrl: string | null;
  uploadHeaders: { name: string; value: string }[] | null;
  expiresAt: string | null;
  userErrors: unknown[];
}

const INPUT = { contentType: 'image/png', fileName: 'cat.png' };

describe('createImageIngestUrl', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi();
  });

  afterAll(() => api.close());

  async function create(input: object): Promise<Payload> {
    const { data, errors } = await api.graphql<{ createImageIngestUrl: Payload }>(CREATE, {
      input,
    });
    expect(errors).toEqual([]);
    return data.createImageIngestUrl;
  }

  test.each(CONTENT_TYPES)('%s: a pending image and the URL for its upload', async (type) => {
    const before = Math.floor(Date.now() / 1000);
    const payload = await create({ contentType: type, fileName: '猫 🐈.bin' });
    const after = Math.floor(Date.now() / 1000);
    expect(payload).toEqual({
      image: {
        id: expect.stringMatching(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/),
        status: 'PENDING',
        contentType: type,
        fileName: '猫 🐈.bin',
        sizeBytes: null,
        width: null,
        height: null,
        failureReason: null,
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/),
        updatedAt: payload.image?.createdAt,
        access: null,
      },
      uploadUrl: expect.stringContaining(`/ingest/${payload.image?.id}?`),
      uploadHeaders: [{ name: 'Content-Type', value: type }],
      expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      userErrors: [],
    });
    const expiry = Date.parse(payload.expiresAt ?? '') / 1000;
    expect(expiry).toBeGreaterThanOrEqual(before + 300);
    expect(expiry).toBeLessThanOrEqual(after + 300);
  });

  const TYPE = { name: 'Content-Type', value: 'image/png' };
  const LENGTH = { name: 'Content-Length', value: '1234' };
  const ONCE = { name: 'If-None-Match', value: '*' };

  test.each([
    [{}, 'content-type;host', [TYPE]],
    [{ contentLength: null, overwriteProtected: null }, 'content-type;host', [TYPE]],
    [{ overwriteProtected: false }, 'content-type;host', [TYPE]],
    [{ contentLength: 1234 }, 'content-length;content-type;host', [TYPE, LENGTH]],
    [{ overwriteProtected: true }, 'content-type;host;if-none-match', [TYPE, ONCE]],
    [
      { contentLength: 1234, overwriteProtected: true },
      'content-length;content-type;host;if-none-match',
      [TYPE, LENGTH, ONCE],
    ],
  ])('%j signs %s', async (options, signedHeaders, uploadHeaders) => {
    const payload = await create({ ...INPUT, ...options });
    const parameters = new URL(payload.uploadUrl ?? '').searchParams;
    expect(parameters.get('X-Amz-SignedHeaders')).toBe(signedHeaders);
    expect(payload.uploadHeaders).toEqual(uploadHeaders);
    // A header that moved into the query would have a value that no client sends.
    expect([...parameters.keys()].sort()).toEqual([
      'X-Amz-Algorithm',
      'X-Amz-Content-Sha256',
      'X-Amz-Credential',
      'X-Amz-Date',
      'X-Amz-Expires',
      'X-Amz-Signature',
      'X-Amz-SignedHeaders',
      'x-id',
    ]);
  });

  test.each<[string, object, object]>([
    [
      'a content type that is not taken',
      { contentType: 'image/*' },
      {
        code: 'UNSUPPORTED_CONTENT_TYPE',
        message:
          'unsupported content type: must be exactly one of image/jpeg, image/png, image/webp, image/avif, image/gif',
        field: 'contentType',
      },
    ],
    [
      'an empty file name',
      { fileName: '' },
      { code: 'INVALID_FILE_NAME', message: 'file name must not be empty', field: 'fileName' },
    ],
    [
      'a file name of 256 characters',
      { fileName: 'x'.repeat(256) },
      {
        code: 'INVALID_FILE_NAME',
        message: 'file name must be at most 255 characters long',
        field: 'fileName',
      },
    ],
    [
      'a control character',
      { fileName: 'a\u0085b' },
      {
        code: 'INVALID_FILE_NAME',
        message: 'file name must not contain control characters',
        field: 'fileName',
      },
    ],
    ...[0, -1, 10_485_761, Number.MAX_SAFE_INTEGER].map(
      (contentLength): [string, object, object] => [
        `a content length of ${contentLength}`,
        { contentLength },
        {
          code: 'INVALID_CONTENT_LENGTH',
          message: 'content length must be a whole number of bytes from 1 to 10485760',
          field: 'contentLength',
        },
      ],
    ),
  ])('%s is a user error, and nothing is stored', async (_what, change, userError) => {
    const stored = await api.seed.count();
    expect(await create({ ...INPUT, ...change })).toEqual({
      image: null,
      uploadUrl: null,
      uploadHeaders: null,
      expiresAt: null,
      userErrors: [userError],
    });
    expect(await api.seed.count()).toBe(stored);
  });

  test.each([1, 10_485_760])('a content length of %i is taken', async (contentLength) => {
    expect((await create({ ...INPUT, contentLength })).userErrors).toEqual([]);
  });

  test.each([
    ['a missing field', { contentType: 'image/png' }],
    ['null for a field', { ...INPUT, fileName: null }],
    ['a number for text', { ...INPUT, fileName: 5 }],
    ['text for a number', { ...INPUT, contentLength: '1234' }],
    ['half a byte', { ...INPUT, contentLength: 1.5 }],
    ['more than a double counts', { ...INPUT, contentLength: 2 ** 53 }],
    ['text for a boolean', { ...INPUT, overwriteProtected: 'yes' }],
    ['an unknown field', { ...INPUT, id: 'mine' }],
    ['no object', 'image/png'],
  ])('%s is a bad request, and nothing is stored', async (_what, input) => {
    const stored = await api.seed.count();
    const { status, errors } = await api.graphql(CREATE, { input });
    expect(status).toBe(400);
    expect(errors.map(({ extensions }) => extensions)).toEqual([{ code: 'BAD_USER_INPUT' }]);
    expect(await api.seed.count()).toBe(stored);
  });

  test('several in one operation are several images', async () => {
    const field = 'createImageIngestUrl(input: {contentType: "image/gif", fileName: "a"})';
    const { data } = await api.graphql<Record<string, { image: { id: string } }>>(
      `mutation { a: ${field} { image { id } } b: ${field} { image { id } } }`,
    );
    expect(data.a?.image.id).not.toBe(data.b?.image.id);
  });
});
