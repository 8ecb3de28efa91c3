import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FAILURE_REASONS, type FailureReason } from '../../src/domain/image-status.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { cdnKey } from '../support/config.ts';
import { isSignedBy, parseCannedUrl } from '../support/keys.ts';

const UNKNOWN = '01ARZ3NDEKTSV4RRFFQ69G5FAV';

const IMAGE = `{
  __typename id status contentType fileName sizeBytes width height failureReason createdAt updatedAt
  access { downloadUrl expiresAt } thumbnail { downloadUrl expiresAt } thumbhash
}`;

interface Access {
  downloadUrl: string;
  expiresAt: string;
}

interface ImageData {
  id: string;
  access: Access | null;
  thumbnail: Access | null;
}

describe('image, images and node', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi();
  });

  afterAll(() => api.close());

  async function image(id: string): Promise<ImageData | null> {
    const query = `query ($id: ID!) { image(id: $id) ${IMAGE} }`;
    const { status, data, errors } = await api.graphql<{ image: ImageData | null }>(query, { id });
    expect({ status, errors }).toEqual({ status: 200, errors: [] });
    return data.image;
  }

  const DATE_TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/);

  const ACCESS = {
    downloadUrl: expect.any(String),
    expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  };

  function expected(id: string) {
    return {
      __typename: 'Image',
      id,
      status: 'PENDING',
      contentType: 'image/png',
      fileName: 'cat.png',
      sizeBytes: null as number | null,
      width: null as number | null,
      height: null as number | null,
      failureReason: null as FailureReason | null,
      createdAt: DATE_TIME,
      updatedAt: DATE_TIME,
      access: null as unknown,
      thumbnail: null as unknown,
      thumbhash: null as string | null,
    };
  }

  test('a pending image is a status, not an error', async () => {
    const id = await api.seed.pending();
    expect(await image(id)).toEqual(expected(id));
  });

  test.each(Object.keys(FAILURE_REASONS) as FailureReason[])(
    'an image that failed with %s says so',
    async (failureReason) => {
      const id = await api.seed.failed(failureReason);
      expect(await image(id)).toEqual({ ...expected(id), status: 'FAILED', failureReason });
    },
  );

  test('a ready image comes with access to the validated version', async () => {
    const id = await api.seed.ready();
    const before = Math.floor(Date.now() / 1000);
    const found = await image(id);
    const after = Math.floor(Date.now() / 1000);
    expect(found).toEqual({
      ...expected(id),
      status: 'READY',
      sizeBytes: 1234,
      width: 640,
      height: 480,
      access: ACCESS,
      thumbnail: ACCESS,
      thumbhash: 'H/gBBYB6fW94h5e313h31dc8j1BU',
    });
    const thumbnailUrl = found?.thumbnail?.downloadUrl ?? '';
    expect(parseCannedUrl(thumbnailUrl).resource).toBe(
      `https://cdn.example.com/thumbnails/${id}.jpg?versionId=t1`,
    );
    expect(isSignedBy(cdnKey.publicKey, thumbnailUrl)).toBe(true);
    const url = found?.access?.downloadUrl ?? '';
    const { resource, expires } = parseCannedUrl(url);
    expect(resource).toBe(`https://cdn.example.com/ingest/${id}?versionId=v1`);
    expect(isSignedBy(cdnKey.publicKey, url)).toBe(true);
    expect(Date.parse(found?.access?.expiresAt ?? '')).toBe(expires * 1000);
    expect(expires).toBeGreaterThanOrEqual(before + 600);
    expect(expires).toBeLessThanOrEqual(after + 600);
  });

  test.each([UNKNOWN, 'garbage', '', '\0', UNKNOWN.toLowerCase()])('there is no %j', async (id) => {
    expect(await image(id)).toBeNull();
    const { data } = await api.graphql('query ($id: ID!) { node(id: $id) { id } }', { id });
    expect(data).toEqual({ node: null });
  });

  test('node finds images', async () => {
    const id = await api.seed.ready();
    const { data } = await api.graphql(
      `{ node(id: "${id}") ${`{ __typename id ... on Image { status access { expiresAt } } }`} }`,
    );
    expect(data).toEqual({
      node: { __typename: 'Image', id, status: 'READY', access: { expiresAt: expect.any(String) } },
    });
  });

  async function images(ids: string[]) {
    return api.graphql<{ images: (ImageData | null)[] }>(
      'query ($ids: [ID!]!) { images(ids: $ids) { id status access { downloadUrl } } }',
      { ids },
    );
  }

  test('images are aligned with ids: null for none, duplicates as often as asked for', async () => {
    const [a, b] = [await api.seed.ready(), await api.seed.pending()];
    const { data, errors } = await images([b, UNKNOWN, a, 'garbage', b, a]);
    expect(errors).toEqual([]);
    expect(data.images.map((found) => found?.id ?? null)).toEqual([b, null, a, null, b, a]);
    expect(data.images.map((found) => found && found.access !== null)).toEqual([
      false,
      null,
      true,
      null,
      false,
      true,
    ]);
  });

  test('no ids are no images', async () => {
    expect((await images([])).data).toEqual({ images: [] });
  });

  test('50 ids are fine, 51 are a top-level error', async () => {
    const ids = Array.from({ length: 51 }, () => UNKNOWN);
    const fine = await images(ids.slice(1));
    expect(fine.errors).toEqual([]);
    expect(fine.data.images).toHaveLength(50);

    const { status, json } = await images(ids);
    expect(status).toBe(200);
    expect(json).toEqual({
      data: null,
      errors: [
        {
          message: 'at most 50 ids are allowed',
          path: ['images'],
          locations: [{ line: 1, column: 24 }],
          extensions: { code: 'TOO_MANY_IDS', field: 'ids' },
        },
      ],
    });
  });

  test.each([
    ['no id', 'query { image { id } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'null for an id',
      'query ($id: ID!) { image(id: $id) { id } }',
      { id: null },
      'BAD_USER_INPUT',
    ],
    [
      'an object for an id',
      'query ($id: ID!) { image(id: $id) { id } }',
      { id: {} },
      'BAD_USER_INPUT',
    ],
    [
      'a boolean for ids',
      'query ($ids: [ID!]!) { images(ids: $ids) { id } }',
      { ids: true },
      'BAD_USER_INPUT',
    ],
    [
      'null among ids',
      'query ($ids: [ID!]!) { images(ids: $ids) { id } }',
      { ids: [null] },
      'BAD_USER_INPUT',
    ],
    ['an unknown field', '{ image(id: "x") { bucket } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    ['an unknown query', '{ pictures { id } }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    ['no selection', '{ image(id: "x") }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    ['a syntax error', '{ image(id: "x" { id } }', {}, 'GRAPHQL_PARSE_FAILED'],
  ])('%s is a bad request', async (_what, query, variables, code) => {
    const { status, errors } = await api.graphql(query, variables);
    expect(status).toBe(400);
    expect(errors).toEqual([
      expect.objectContaining({ message: expect.any(String), extensions: { code } }),
    ]);
  });
});
