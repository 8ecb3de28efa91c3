import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestApi, type TestApi } from '../support/api.ts';
import { cdnKey } from '../support/config.ts';
import { isSignedBy, parseCannedUrl } from '../support/keys.ts';

interface Item {
  image_id: string;
  download_url: string;
  expires_at: string;
}

interface SignedUrls {
  items: Item[];
  not_found: string[];
}

const NOT_AN_OBJECT = 'the request body must be a JSON object with image_ids';

describe.each(['serve', 'download'])('POST /api/image/v1/%s/get-signed-urls', (family) => {
  const path = `/api/image/v1/${family}/get-signed-urls`;
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi();
  });

  afterAll(() => api.close());

  async function ask(ids: unknown): Promise<SignedUrls & { status: number }> {
    const { status, json } = await api.post(path, { image_ids: ids });
    return { status, ...(json as SignedUrls) };
  }

  test('ready images come signed, the others are named; the exact shape', async () => {
    const ready = await api.seed.ready();
    const pending = await api.seed.pending();
    const failed = await api.seed.failed();
    const unknown = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
    const { status, json } = await api.post(path, {
      image_ids: [pending, 'garbage', ready, failed, unknown, ''],
    });
    expect(status).toBe(200);
    expect(json).toEqual({
      items: [
        {
          image_id: ready,
          download_url: expect.stringContaining(
            `https://cdn.example.com/ingest/${ready}?versionId=v1&`,
          ),
          expires_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        },
      ],
      not_found: [pending, 'garbage', failed, unknown, ''],
    });
    const [item] = (json as SignedUrls).items;
    expect(isSignedBy(cdnKey.publicKey, item?.download_url ?? '')).toBe(true);
    expect(Date.parse(item?.expires_at ?? '')).toBe(
      parseCannedUrl(item?.download_url ?? '').expires * 1000,
    );
  });

  test('duplicates collapse; the order is that of the first appearance', async () => {
    const [a, b, c] = [await api.seed.ready(), await api.seed.ready(), await api.seed.ready()];
    const { items, not_found } = await ask(['y', c, a, 'x', c, b, 'y', a, 'x']);
    expect(items.map((item) => item.image_id)).toEqual([c, a, b]);
    expect(not_found).toEqual(['y', 'x']);
  });

  test('nothing found is no error', async () => {
    const { status, json } = await api.post(path, { image_ids: ['nothing'] });
    expect(status).toBe(200);
    expect(json).toEqual({ items: [], not_found: ['nothing'] });
  });

  test('names of object properties are ids like any other', async () => {
    const ids = ['__proto__', 'constructor', 'toString'];
    expect(await ask(ids)).toEqual({ status: 200, items: [], not_found: ids });
  });

  test('50 ids are answered with one query, 51 are refused, counted before they collapse', async () => {
    const ids = await Promise.all(Array.from({ length: 50 }, () => api.seed.ready()));
    api.queries.length = 0;
    const { status, items, not_found } = await ask(ids);
    expect(status).toBe(200);
    expect(items.map((item) => item.image_id)).toEqual(ids);
    expect(not_found).toEqual([]);
    expect(api.queries).toHaveLength(1);

    const tooMany = await api.post(path, { image_ids: [...ids, ids[0]] });
    expect(tooMany.status).toBe(400);
    expect(tooMany.json).toEqual({ message: 'at most 50 ids are allowed', code: 'TOO_MANY_IDS' });
  });

  test('an empty list', async () => {
    const { status, json } = await api.post(path, { image_ids: [] });
    expect(status).toBe(400);
    expect(json).toEqual({ message: 'at least one id is required', code: 'EMPTY_ID_LIST' });
  });

  test.each([
    [{}, 'image_ids is missing'],
    [{ imageIds: ['a'] }, 'image_ids is missing'],
    [{ image_ids: null }, 'image_ids must be an array of strings'],
    [{ image_ids: 'a' }, 'image_ids must be an array of strings'],
    [{ image_ids: { 0: 'a' } }, 'image_ids must be an array of strings'],
    [{ image_ids: ['a', 5] }, 'image_ids.1 must be a string'],
    [{ image_ids: [null, ['a']] }, 'image_ids.0 must be a string; image_ids.1 must be a string'],
    [['a'], NOT_AN_OBJECT],
    ['a', NOT_AN_OBJECT],
    [null, NOT_AN_OBJECT],
  ])('the body %j is refused', async (body, message) => {
    const { status, json } = await api.post(path, body);
    expect({ status, json }).toEqual({ status: 400, json: { message, code: 'INVALID_REQUEST' } });
  });

  test('no body is refused', async () => {
    const { status, json } = await api.send(path, { method: 'POST' });
    expect(status).toBe(400);
    expect(json).toEqual({ message: 'image_ids is missing', code: 'INVALID_REQUEST' });
  });
});
