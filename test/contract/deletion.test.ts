import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newImageId } from '../../src/shared/image-ids.ts';
import { startTestApi, type TestApi } from '../support/api.ts';

/** What a caller is told; how the objects go is tested with the worker. */

const DELETE = `mutation ($ids: [ID!]!) {
  deleteImages(ids: $ids) { deletedIds notFoundIds userErrors { code message field } }
}`;
const FIND =
  'query ($id: ID!) { image(id: $id) { id } images(ids: [$id]) { id } node(id: $id) { id } }';

interface Payload {
  deleteImages: { deletedIds: string[]; notFoundIds: string[]; userErrors: object[] };
}

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi();
});

beforeEach(() => {
  api.log.lines.length = 0;
  api.queries.length = 0;
});

afterAll(() => api.close());

const deleteImages = (ids: unknown) => api.graphql<Payload>(DELETE, { ids });
const path = (id: string) => `/api/image/v1/${id}`;
const NOT_FOUND = { message: 'image not found', code: 'IMAGE_NOT_FOUND' };

async function expectGone(id: string): Promise<void> {
  const { data } = await api.graphql(FIND, { id });
  expect(data).toEqual({ image: null, images: [null], node: null });
  const one = await api.send(`/api/image/v1/serve/get-signed-url/${id}`);
  expect([one.status, one.json]).toEqual([404, NOT_FOUND]);
  const many = await api.post('/api/image/v1/serve/get-signed-urls', { image_ids: [id] });
  expect(many.json).toEqual({ items: [], not_found: [id] });
}

describe('deleteImages', () => {
  test('whatever the status, an image is not found at once', async () => {
    const ids = [await api.seed.ready(), await api.seed.pending(), await api.seed.failed()];
    const { data } = await deleteImages(ids);
    expect(data.deleteImages).toEqual({ deletedIds: ids, notFoundIds: [], userErrors: [] });
    for (const id of ids) await expectGone(id);
  });

  test('the second time there is nothing to delete, which is no error', async () => {
    const id = await api.seed.ready();
    await deleteImages([id]);
    const { data } = await deleteImages([id]);
    expect(data.deleteImages).toEqual({ deletedIds: [], notFoundIds: [id], userErrors: [] });
  });

  test('each id once, in the order in which it came first', async () => {
    const [one, two, other] = [
      await api.seed.ready(),
      await api.seed.ready(),
      await api.seed.ready(),
    ];
    const unknown = newImageId();
    const { data } = await deleteImages([two, 'garbage', unknown, one, two, 'garbage', one]);
    expect(data.deleteImages).toEqual({
      deletedIds: [two, one],
      notFoundIds: ['garbage', unknown],
      userErrors: [],
    });
    const { data: left } = await api.graphql(FIND, { id: other });
    expect(left).toMatchObject({ image: { id: other } });
  });

  test.each([
    ['an id in lower case', (id: string) => id.toLowerCase()],
    ['an id with a space', (id: string) => `${id} `],
    ['a pattern of SQL', () => '%'],
    ['a NUL', () => '\0'],
  ])('%s deletes nothing', async (_what, change) => {
    const id = await api.seed.ready();
    const wrong = change(id);
    const { data } = await deleteImages([wrong]);
    expect(data.deleteImages).toMatchObject({ deletedIds: [], notFoundIds: [wrong] });
    expect((await api.graphql(FIND, { id })).data).toMatchObject({ image: { id } });
    expect(api.queries.filter((sql) => sql.includes('DELETE'))).toEqual([]);
  });

  test('50 ids are taken, 51 are refused and nothing is deleted', async () => {
    const id = await api.seed.ready();
    const others = Array.from({ length: 49 }, () => newImageId());
    const { data: refused } = await deleteImages([id, ...others, newImageId()]);
    expect(refused.deleteImages).toEqual({
      deletedIds: [],
      notFoundIds: [],
      userErrors: [{ code: 'TOO_MANY_IDS', message: 'at most 50 ids are allowed', field: 'ids' }],
    });
    const { data } = await deleteImages([id, ...others]);
    expect(data.deleteImages).toEqual({ deletedIds: [id], notFoundIds: others, userErrors: [] });
  });

  test('no ids are refused', async () => {
    const { data } = await deleteImages([]);
    expect(data.deleteImages).toEqual({
      deletedIds: [],
      notFoundIds: [],
      userErrors: [{ code: 'EMPTY_ID_LIST', message: 'at least one id is required', field: 'ids' }],
    });
  });

  test.each([[null], [[null]], [[{}]]])('%j is no list of ids', async (ids) => {
    const { status, errors } = await deleteImages(ids);
    expect(status).toBe(400);
    expect(errors[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT' });
  });

  test('is logged and counted for each image, under the id of the request', async () => {
    const id = await api.seed.ready();
    const { headers } = await deleteImages([id, newImageId()]);
    expect(api.log.lines.filter(({ msg }) => msg === 'image.deleted')).toEqual([
      expect.objectContaining({ imageId: id, requestId: headers.get('x-request-id') }),
    ]);
  });

  test('needs no scheduler: without its tables the sweep is left to finish', async () => {
    const id = await api.seed.ready();
    const { data } = await deleteImages([id]);
    expect(data.deleteImages.deletedIds).toEqual([id]);
    expect(api.log.lines).toContainEqual(
      expect.objectContaining({ msg: 'deletion.left_to_sweep' }),
    );
  });
});

describe('DELETE /api/image/v1/{image_id}', () => {
  test.each(['ready', 'pending', 'failed'] as const)('a %s image', async (status) => {
    const id = await api.seed[status]();
    const answer = await api.send(path(id), { method: 'DELETE' });
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect(answer.headers.get('content-type')).toBeNull();
    await expectGone(id);

    const again = await api.send(path(id), { method: 'DELETE' });
    expect([again.status, again.json]).toEqual([404, NOT_FOUND]);
  });

  test.each([
    ['that nobody has', '01ARZ3NDEKTSV4RRFFQ69G5FAV'],
    ['that is no ULID', 'garbage'],
    ['with SQL in it', "x'%20OR%20'1'='1"],
    ['with a slash in it', '..%2F..%2Fetc'],
  ])('an id %s', async (_what, id) => {
    const { status, json } = await api.send(path(id), { method: 'DELETE' });
    expect([status, json]).toEqual([404, NOT_FOUND]);
  });

  test('a body is of no interest', async () => {
    const id = await api.seed.ready();
    const { status } = await api.send(path(id), { method: 'DELETE', body: '{' });
    expect(status).toBe(204);
  });

  test.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH'])('%s is not allowed there', async (method) => {
    const id = await api.seed.ready();
    const { status, headers, json } = await api.send(path(id), { method });
    expect([status, headers.get('allow')]).toEqual([405, 'DELETE']);
    if (method === 'HEAD') return;
    expect(json).toEqual({
      message: `method ${method} is not allowed here; allowed: DELETE`,
      code: 'METHOD_NOT_ALLOWED',
    });
  });

  test.each(['ingest', 'upload', 'serve', 'download', 'INGEST', 'serve/'])(
    'nothing is at /api/image/v1/%s, as before',
    async (name) => {
      const { status, json } = await api.send(path(name), { method: 'DELETE' });
      expect(status).toBe(404);
      expect(json).toEqual({
        message: `there is nothing at DELETE /api/image/v1/${name}`,
        code: 'NOT_FOUND',
      });
    },
  );

  test.each([
    ['DELETE', '/api/image/v1'],
    ['DELETE', '/api/image/v1/01ARZ3NDEKTSV4RRFFQ69G5FAV/thumbnail'],
    ['DELETE', '/api/image/01ARZ3NDEKTSV4RRFFQ69G5FAV'],
  ])('%s %s is 404', async (method, route) => {
    const { status, json } = await api.send(route, { method });
    expect([status, json]).toMatchObject([404, { code: 'NOT_FOUND' }]);
  });

  test('a preflight from a page lets it through', async () => {
    const { status, headers } = await api.send(path(newImageId()), {
      method: 'OPTIONS',
      headers: { origin: 'https://www.example.com', 'access-control-request-method': 'DELETE' },
    });
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-methods')).toContain('DELETE');
  });
});
