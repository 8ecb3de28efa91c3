import { afterEach, beforeAll, expect, test } from '@jest/globals';
import { startTestApi, type TestApi } from '../support/api.ts';
import { ANN, asUser, openWishlistTable } from '../support/wishlist.ts';

const apis: TestApi[] = [];

async function start(percent: number): Promise<TestApi> {
  const api = await startTestApi({ CDN_ROLLOUT_PERCENT: String(percent) });
  apis.push(api);
  return api;
}

beforeAll(async () => {
  // Warms the database client, whose first query is slow.
  await start(100);
});

afterEach(async () => {
  for (const api of apis.splice(0)) await api.close();
});

const LEGACY = 'https://secret-bucket.s3.amazonaws.com/uploads/wishlist/1.jpg?v=1';
const AT = new Date(1_771_754_400_123);
const CDN_URL = 'https://cdn.example.com/uploads/wishlist/1.jpg?v=1771754400123';

async function imageUrls(api: TestApi): Promise<(string | null)[]> {
  const table = openWishlistTable(api.config.DATABASE_URL);
  await table.add(
    { imageUrl: LEGACY, imageUpdatedAt: AT },
    { imageUrl: LEGACY, imageKey: 'uploads/wishlist/1.jpg', imageUpdatedAt: AT },
    { imageKey: 'uploads/wishlist/1.jpg', imageUpdatedAt: AT },
    { imageId: await api.seed.ready() },
    {},
  );
  await table.close();
  const { json } = await asUser(api, ANN).get('/api/wishlist');
  const { items } = json as { items: { imageUrl: string | null }[] };
  return items.map(({ imageUrl }) => imageUrl).toReversed();
}

const SIGNED = expect.stringMatching(/^https:\/\/cdn\.example\.com\/ingest\/.*Signature=/);

test('at 0 every item keeps the URL that it had, normalised or not', async () => {
  expect(await imageUrls(await start(0))).toEqual([LEGACY, LEGACY, CDN_URL, SIGNED, null]);
});

test('at 100 all are on the CDN', async () => {
  expect(await imageUrls(await start(100))).toEqual([CDN_URL, CDN_URL, CDN_URL, SIGNED, null]);
});

test('at 40 the same items as ever', async () => {
  const api = await start(40);
  const table = openWishlistTable(api.config.DATABASE_URL);
  const ids = ['01HF7YAT00AAAAAAAAAAAAAAAA', '01HF7YAT00AAAAAAAAAAAAAAAB'];
  await table.add(...ids.map((id) => ({ id, imageUrl: LEGACY, imageUpdatedAt: AT })));
  await table.close();
  const urls = await Promise.all(
    ids.map(async (id) => (await asUser(api, ANN).get(`/api/wishlist/${id}`)).json),
  );
  expect(urls).toEqual([
    expect.objectContaining({ imageUrl: LEGACY }),
    expect.objectContaining({ imageUrl: CDN_URL }),
  ]);
});
