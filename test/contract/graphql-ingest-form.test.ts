import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CONTENT_TYPES } from '../../src/domain/content-types.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { awsCredentials } from '../support/config.ts';

const CREATE = `mutation ($input: CreateImageIngestFormInput!) {
  createImageIngestForm(input: $input) {
    image { id status contentType fileName sizeBytes failureReason access { downloadUrl } }
    uploadUrl
    formFields { name value }
    expiresAt
    maxSizeBytes
    userErrors { code message field }
  }
}`;

interface Payload {
  image: { id: string } | null;
  uploadUrl: string | null;
  formFields: { name: string; value: string }[] | null;
  expiresAt: string | null;
  maxSizeBytes: number | null;
  userErrors: unknown[];
}

const INPUT = { contentType: 'image/png', fileName: 'cat.png' };

const hmac = (key: string | Buffer, text: string) =>
  createHmac('sha256', key).update(text).digest();

describe('createImageIngestForm', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi({ S3_INGEST_URL_EXPIRY_SECS: '120' });
  });

  afterAll(() => api.close());

  async function create(input: object): Promise<Payload> {
    const answer = await api.graphql<{ createImageIngestForm: Payload }>(CREATE, { input });
    expect(answer.errors).toEqual([]);
    expect(answer.text).not.toContain(awsCredentials.secretAccessKey);
    return answer.data.createImageIngestForm;
  }

  function fieldsOf({ formFields }: Payload): Record<string, string> {
    return Object.fromEntries((formFields ?? []).map(({ name, value }) => [name, value]));
  }

  test.each(CONTENT_TYPES)('%s: a pending image and the form for its upload', async (type) => {
    const stored = await api.seed.count();
    const payload = await create({ contentType: type, fileName: '猫 🐈.bin' });
    expect(payload).toEqual({
      image: {
        id: expect.stringMatching(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/),
        status: 'PENDING',
        contentType: type,
        fileName: '猫 🐈.bin',
        sizeBytes: null,
        failureReason: null,
        access: null,
      },
      uploadUrl: 'http://127.0.0.1:9/secret-bucket',
      formFields: expect.any(Array),
      expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      maxSizeBytes: 10_485_760,
      userErrors: [],
    });
    expect(fieldsOf(payload)).toMatchObject({
      key: `ingest/${payload.image?.id}`,
      'Content-Type': type,
      success_action_status: '201',
    });
    expect(await api.seed.count()).toBe(stored + 1);
  });

  test('the policy demands every field and the size, and nothing else', async () => {
    const before = Math.floor(Date.now() / 1000);
    const payload = await create(INPUT);
    const after = Math.floor(Date.now() / 1000);
    const { Policy = '', 'X-Amz-Signature': signature, ...demanded } = fieldsOf(payload);
    const policy = JSON.parse(Buffer.from(Policy, 'base64').toString());
    const conditions = Object.entries(demanded).map(([name, value]) => ({ [name]: value }));
    expect(new Set(policy.conditions)).toEqual(
      new Set([...conditions, ['content-length-range', 1, 10_485_760]]),
    );
    expect(policy.expiration).toBe(payload.expiresAt);
    const expiry = Date.parse(policy.expiration) / 1000;
    expect(expiry).toBeGreaterThanOrEqual(before + 120);
    expect(expiry).toBeLessThanOrEqual(after + 120);

    // "Authenticating Requests in Browser-Based Uploads Using POST", Amazon S3 API Reference
    const scope = (demanded['X-Amz-Credential'] ?? '').split('/').slice(1);
    const key = scope.reduce<string | Buffer>(hmac, `AWS4${awsCredentials.secretAccessKey}`);
    expect(signature).toBe(hmac(key, Policy).toString('hex'));
  });

  test('the largest size is the one that is configured', async () => {
    const small = await startTestApi({ S3_MAX_INGEST_SIZE_BYTES: '4321' });
    try {
      const { data } = await small.graphql<{ createImageIngestForm: Payload }>(CREATE, {
        input: INPUT,
      });
      const payload = data.createImageIngestForm;
      expect(payload.maxSizeBytes).toBe(4321);
      const policy = Buffer.from(fieldsOf(payload).Policy ?? '', 'base64').toString();
      expect(policy).toContain('["content-length-range",1,4321]');
    } finally {
      await small.close();
    }
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
      'a control character',
      { fileName: 'a\u0085b' },
      {
        code: 'INVALID_FILE_NAME',
        message: 'file name must not contain control characters',
        field: 'fileName',
      },
    ],
  ])('%s is a user error, and nothing is stored', async (_what, change, userError) => {
    const stored = await api.seed.count();
    expect(await create({ ...INPUT, ...change })).toEqual({
      image: null,
      uploadUrl: null,
      formFields: null,
      expiresAt: null,
      maxSizeBytes: null,
      userErrors: [userError],
    });
    expect(await api.seed.count()).toBe(stored);
  });

  test.each([
    ['a missing field', { contentType: 'image/png' }],
    ['null for a field', { ...INPUT, fileName: null }],
    ['a number for text', { ...INPUT, fileName: 5 }],
    ['a size, which is not the client’s to choose', { ...INPUT, maxSizeBytes: 1e9 }],
    ['an unknown field', { ...INPUT, id: 'mine' }],
  ])('%s is a bad request, and nothing is stored', async (_what, input) => {
    const stored = await api.seed.count();
    const { status, errors } = await api.graphql(CREATE, { input });
    expect(status).toBe(400);
    expect(errors.map(({ extensions }) => extensions)).toEqual([{ code: 'BAD_USER_INPUT' }]);
    expect(await api.seed.count()).toBe(stored);
  });
});

test('a fault inside is an internal error that tells nothing', async () => {
  const api = await startTestApi();
  try {
    await api.loseDatabase();
    const { text, errors } = await api.graphql(CREATE, { input: INPUT });
    expect(errors).toEqual([
      expect.objectContaining({
        message: 'internal error',
        extensions: { code: 'INTERNAL_SERVER_ERROR' },
      }),
    ]);
    expect(text).not.toMatch(/postgres|prisma|secret-bucket|at \w/i);
  } finally {
    await api.close();
  }
});
