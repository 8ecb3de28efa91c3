import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createDeps, type Deps } from '../../src/app/deps.ts';
import { parseS3Event } from '../../src/features/ingest/s3-event.ts';
import {
  makeValidateUpload,
  type UploadOutcome,
} from '../../src/features/ingest/validate-upload.ts';
import { loadWorkerConfig } from '../../src/shared/config.ts';
import { createImageDecoder } from '../../src/shared/image-decoder.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { awsCredentials, workerEnvironment } from '../support/config.ts';
import { formData, outcome, startTestS3, type TestS3, VERSIONED } from '../support/local-s3.ts';
import { captureLog } from '../support/log.ts';
import { connectBucket, type MediaBucket } from '../support/media-bucket.ts';
import { drawTinyImages, type TinyImages } from '../support/tiny-images.ts';

const MAX_SIZE = 2_000;
const EXPIRY_SECS = 60;
const ORIGIN = 'http://localhost:3000';

interface Form {
  id: string;
  url: string;
  fields: Record<string, string>;
}

let images: TinyImages;
let s3: TestS3;
let api: TestApi;
let deps: Deps;
let bucket: MediaBucket;
let validate: (eventBody: string) => Promise<UploadOutcome[]>;
const events: string[] = [];
/** How far S3's clock is ahead, in milliseconds. */
let ahead = 0;

beforeAll(async () => {
  images = await drawTinyImages();
  const send = async (body: string) => {
    events.push(body);
  };
  s3 = await startTestS3({
    credentials: awsCredentials,
    now: () => Date.now() + ahead,
    notifications: [{ bucket: VERSIONED, prefix: 'ingest/', send }],
  });
  const environment = {
    AWS_ENDPOINT_URL_S3: s3.s3().url,
    S3_INPUT_BUCKET: VERSIONED,
    S3_MAX_INGEST_SIZE_BYTES: String(MAX_SIZE),
    S3_FORCE_PATH_STYLE: 'true',
  };
  api = await startTestApi({ ...environment, S3_INGEST_URL_EXPIRY_SECS: String(EXPIRY_SECS) });
  const { AWS_REGION, DATABASE_URL } = api.config;
  bucket = connectBucket({
    url: s3.s3().url,
    bucket: VERSIONED,
    region: AWS_REGION,
    credentials: awsCredentials,
  });
  const config = loadWorkerConfig(workerEnvironment({ ...environment, AWS_REGION, DATABASE_URL }));
  deps = createDeps(config, captureLog());
  const validateUpload = makeValidateUpload({
    ...deps,
    decoder: createImageDecoder(config),
    maxSizeBytes: MAX_SIZE,
  });
  validate = (body) =>
    Promise.all(parseS3Event(body).uploads.map((upload) => validateUpload(upload, false)));
});
afterAll(async () => {
  bucket.close();
  await deps.close();
  await api.close();
  await s3.stop();
  expect(s3.problems).toEqual([]);
});
beforeEach(() => {
  ahead = 0;
  events.length = 0;
});

async function createForm(contentType = 'image/png'): Promise<Form> {
  const { data } = await api.graphql<{
    createImageIngestForm: {
      image: { id: string };
      uploadUrl: string;
      formFields: { name: string; value: string }[];
    };
  }>(
    `mutation ($input: CreateImageIngestFormInput!) {
      createImageIngestForm(input: $input) { image { id } uploadUrl formFields { name value } }
    }`,
    { input: { contentType, fileName: 'cat.png' } },
  );
  const { image, uploadUrl, formFields } = data.createImageIngestForm;
  const fields = Object.fromEntries(formFields.map(({ name, value }) => [name, value]));
  return { id: image.id, url: uploadUrl, fields };
}

/** As a page of another origin sends its form; the type of the file's part is a browser's guess. */
function post(form: Form, bytes: Uint8Array<ArrayBuffer>, guess = 'image/png'): Promise<Response> {
  const body = formData(
    form.fields,
    new Blob([bytes], { type: guess }),
    'C:\\fakepath\\my cat.png',
  );
  return fetch(form.url, { method: 'POST', body, headers: { origin: ORIGIN } });
}

/** The outcomes of all events since the last time. */
async function validateAll(): Promise<UploadOutcome[]> {
  await s3.s3().flushEvents();
  return (await Promise.all(events.splice(0).map(validate))).flat();
}

async function imageOf({ id }: Form): Promise<object> {
  const { data } = await api.graphql<{ image: object }>(
    'query ($id: ID!) { image(id: $id) { status sizeBytes contentType failureReason } }',
    { id },
  );
  return data.image;
}

const bytesOf = (contentType: keyof TinyImages) => new Uint8Array(images[contentType]);

function padded(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  bytes.set(images['image/png']);
  return bytes;
}

describe('what the form allows goes through', () => {
  test.each(['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/gif'] as const)(
    '%s',
    async (contentType) => {
      const form = await createForm(contentType);
      const response = await post(form, bytesOf(contentType));
      expect(response.status).toBe(201);
      expect(response.headers.get('access-control-allow-origin')).toBe(ORIGIN);
      expect(await response.text()).toContain(`<Key>ingest/${form.id}</Key>`);
      expect(await validateAll()).toEqual([{ kind: 'ready' }]);
      expect(await imageOf(form)).toEqual({
        status: 'READY',
        sizeBytes: images[contentType].length,
        contentType,
        failureReason: null,
      });
      expect(await bucket.read(`ingest/${form.id}`)).toEqual(images[contentType]);
    },
  );

  test('a file of exactly the largest size', async () => {
    const form = await createForm();
    expect((await post(form, padded(MAX_SIZE))).status).toBe(201);
    expect(await validateAll()).toEqual([{ kind: 'ready' }]);
  });

  test('a file of one byte: S3 takes it, validation does not', async () => {
    const form = await createForm();
    expect((await post(form, new Uint8Array(1))).status).toBe(201);
    expect(await validateAll()).toEqual([{ kind: 'failed', reason: 'CONTENT_TYPE_MISMATCH' }]);
    expect(await bucket.versions(`ingest/${form.id}`)).toEqual([]);
  });

  test('the type that a browser guesses does not count, the form does', async () => {
    const form = await createForm();
    expect((await post(form, bytesOf('image/png'), 'text/html')).status).toBe(201);
    expect(await validateAll()).toEqual([{ kind: 'ready' }]);
  });

  test('up to the last second', async () => {
    const form = await createForm();
    ahead = (EXPIRY_SECS - 5) * 1000;
    expect((await post(form, bytesOf('image/png'))).status).toBe(201);
  });

  test('sent again after the check: what was checked stays', async () => {
    const form = await createForm();
    await post(form, bytesOf('image/png'));
    expect(await validateAll()).toEqual([{ kind: 'ready' }]);
    await post(form, padded(MAX_SIZE));
    expect(await validateAll()).toEqual([{ kind: 'overwrite_refused' }]);
    expect(await bucket.read(`ingest/${form.id}`)).toEqual(images['image/png']);
  });
});

describe('what it does not allow is refused by S3, and nothing is stored', () => {
  type Change = (fields: Record<string, string>) => Record<string, string>;

  async function refusal(form: Form, response: Promise<Response>): Promise<string> {
    const refused = await outcome(await response);
    expect(await validateAll()).toEqual([]);
    expect(await bucket.versions(`ingest/${form.id}`)).toEqual([]);
    expect(await imageOf(form)).toMatchObject({ status: 'PENDING' });
    return refused;
  }

  test.each([
    ['one byte too many', MAX_SIZE + 1, '400 EntityTooLarge'],
    ['far too much', 3_000_000, '400 EntityTooLarge'],
    ['nothing', 0, '400 EntityTooSmall'],
  ])('%s', async (_what, size, expected) => {
    const form = await createForm();
    const bytes = size === 0 ? new Uint8Array(0) : padded(size);
    expect(await refusal(form, post(form, bytes))).toBe(expected);
  });

  test('an expired form', async () => {
    const form = await createForm();
    ahead = (EXPIRY_SECS + 1) * 1000;
    const response = await post(form, bytesOf('image/png'));
    expect(await response.clone().text()).toContain('Policy expired');
    expect(await refusal(form, Promise.resolve(response))).toBe('403 AccessDenied');
  });

  /** The policy of a form that would take anything, in the place of the signed one. */
  const loosened: Change = (fields) => {
    const policy = JSON.parse(Buffer.from(fields.Policy ?? '', 'base64').toString());
    policy.conditions = policy.conditions.filter((condition: unknown) => !Array.isArray(condition));
    return { ...fields, Policy: Buffer.from(JSON.stringify(policy)).toString('base64') };
  };

  test.each<[string, Change, string]>([
    ['another content type', (f) => ({ ...f, 'Content-Type': 'image/jpeg' }), '403 AccessDenied'],
    ['HTML', (f) => ({ ...f, 'Content-Type': 'text/html' }), '403 AccessDenied'],
    ['no content type', ({ 'Content-Type': _, ...f }) => f, '403 AccessDenied'],
    [
      'the key of another image',
      (f) => ({ ...f, key: 'ingest/01ARZ3NDEKTSV4RRFFQ69G5FAV' }),
      '403 AccessDenied',
    ],
    ['a key below its own', (f) => ({ ...f, key: `${f.key}/x` }), '403 AccessDenied'],
    ['a thumbnail’s key', (f) => ({ ...f, key: 'thumbnails/x.jpg' }), '403 AccessDenied'],
    ['no key', ({ key: _, ...f }) => f, '403 AccessDenied'],
    ['metadata', (f) => ({ 'x-amz-meta-a': 'b', ...f }), '403 AccessDenied'],
    ['a permission', (f) => ({ acl: 'public-read', ...f }), '403 AccessDenied'],
    [
      'a redirect',
      (f) => ({ success_action_redirect: 'https://evil.example', ...f }),
      '403 AccessDenied',
    ],
    ['a policy that says less', loosened, '403 SignatureDoesNotMatch'],
    ['no policy', ({ Policy: _, ...f }) => f, '403 AccessDenied'],
    [
      'another signature',
      (f) => ({ ...f, 'X-Amz-Signature': '0'.repeat(64) }),
      '403 SignatureDoesNotMatch',
    ],
    ['no signature', ({ 'X-Amz-Signature': _, ...f }) => f, '400 InvalidArgument'],
  ])('%s', async (_what, change, expected) => {
    const form = await createForm();
    const changed = { ...form, fields: change(form.fields) };
    expect(await refusal(form, post(changed, bytesOf('image/png')))).toBe(expected);
  });

  test('the file before the fields', async () => {
    const form = await createForm();
    const body = new FormData();
    body.append('file', new Blob([bytesOf('image/png')]), 'cat.png');
    for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
    const response = fetch(form.url, { method: 'POST', body });
    expect(await refusal(form, response)).toBe('403 AccessDenied');
  });

  test('and the form is still good for the right file', async () => {
    const form = await createForm();
    expect(await refusal(form, post(form, padded(MAX_SIZE + 1)))).toBe('400 EntityTooLarge');
    expect((await post(form, bytesOf('image/png'))).status).toBe(201);
    expect(await validateAll()).toEqual([{ kind: 'ready' }]);
  });
});
