import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestApi, type TestApi } from '../support/api.ts';
import { cdnKey } from '../support/config.ts';
import { isSignedBy, parseCannedUrl } from '../support/keys.ts';
import { ANN, asUser, BOB, openWishlistTable, type WishlistTable } from '../support/wishlist.ts';

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const NOBODY = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const S3 = 'https://secret-bucket.s3.eu-central-1.amazonaws.com';

let api: TestApi;
let table: WishlistTable;

beforeAll(async () => {
  api = await startTestApi();
  table = openWishlistTable(api.config.DATABASE_URL);
});

afterEach(() => table.clear());

afterAll(async () => {
  await table.close();
  await api.close();
});

interface ListBody {
  items: { id: string; title: string; imageUrl: string | null; imageUrlExpiresAt: string | null }[];
  nextCursor?: string;
}

async function list(query = '', user = ANN): Promise<ListBody> {
  const { status, json } = await asUser(api, user).get(`/api/wishlist${query}`);
  expect(status).toBe(200);
  return json as ListBody;
}

describe('GET /api/wishlist', () => {
  test('nothing yet', async () => {
    expect(await list()).toEqual({ items: [] });
  });

  test('every kind of picture, newest first, in these words and no others', async () => {
    const imageId = await api.seed.ready('v1');
    const imageUpdatedAt = new Date(1_771_754_400_123);
    const ids = await table.add(
      { title: 'none' },
      { title: 'key', imageKey: 'uploads/wishlist/a b.jpg', imageUpdatedAt },
      { title: 'url', imageUrl: `${S3}/uploads/wishlist/1.jpg?v=1`, imageUpdatedAt },
      { title: 'image', imageId, imageUpdatedAt },
    );
    const { items, ...rest } = await list();
    expect(rest).toEqual({});
    const common = {
      imageUrlExpiresAt: null,
      imageId: null,
      imageUpdatedAt: imageUpdatedAt.toISOString(),
      createdAt: TIME,
      updatedAt: TIME,
    };
    expect(items).toEqual([
      {
        ...common,
        id: ids[3],
        title: 'image',
        imageId,
        imageUrl: expect.stringContaining(
          `https://cdn.example.com/ingest/${imageId}?versionId=v1&`,
        ),
        imageUrlExpiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      },
      {
        ...common,
        id: ids[2],
        title: 'url',
        imageUrl: 'https://cdn.example.com/uploads/wishlist/1.jpg?v=1771754400123',
      },
      {
        ...common,
        id: ids[1],
        title: 'key',
        imageUrl: 'https://cdn.example.com/uploads/wishlist/a%20b.jpg?v=1771754400123',
      },
      { ...common, id: ids[0], title: 'none', imageUrl: null, imageUpdatedAt: null },
    ]);
    const signedUrl = items[0]?.imageUrl ?? '';
    expect(isSignedBy(cdnKey.publicKey, signedUrl)).toBe(true);
    const { expires } = parseCannedUrl(signedUrl);
    expect(Date.parse(items[0]?.imageUrlExpiresAt ?? '')).toBe(expires * 1000);
  });

  test.each([
    ['an image that is pending', async () => ({ imageId: await api.seed.pending() })],
    ['an image that failed', async () => ({ imageId: await api.seed.failed() })],
    ['an image that is gone', async () => ({ imageId: NOBODY })],
    ['a URL of an ingested object', async () => ({ imageUrl: `${S3}/ingest/${NOBODY}` })],
    ['a key of an ingested object', async () => ({ imageKey: `ingest/${NOBODY}` })],
    ['what is no URL', async () => ({ imageUrl: 'uploads/wishlist/1.jpg' })],
  ])('%s has no URL to show', async (_what, makeRow) => {
    await table.add(await makeRow());
    const { items } = await list();
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({ imageUrl: null, imageUrlExpiresAt: null });
  });

  test('URLs of other buckets and sites are handed out letter by letter', async () => {
    const urls = ['https://other.s3.amazonaws.com/a b?x=%zz', 'HTTP://Example.com'];
    await table.add(...urls.map((imageUrl) => ({ imageUrl })));
    expect((await list()).items.map(({ imageUrl }) => imageUrl)).toEqual(urls.toReversed());
  });

  test('fifty items with images: one query for items, one for images', async () => {
    const images = await Promise.all(Array.from({ length: 50 }, () => api.seed.ready()));
    await table.add(...images.map((imageId) => ({ imageId })));
    api.queries.length = 0;
    const { items } = await list();
    expect(items.filter(({ imageUrl }) => imageUrl !== null)).toHaveLength(50);
    expect(api.queries).toEqual([
      expect.stringContaining('wishlist_items'),
      expect.stringContaining('image_records'),
    ]);
  });

  test('a page, and the next, to the end', async () => {
    const ids = (await table.add({}, {}, {}, {}, {})).toReversed();
    const first = await list('?first=2');
    expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    const second = await list(`?first=2&after=${first.nextCursor}`);
    expect(second.items.map(({ id }) => id)).toEqual(ids.slice(2, 4));
    const third = await list(`?first=2&after=${second.nextCursor}`);
    expect(third.items.map(({ id }) => id)).toEqual(ids.slice(4));
    expect(third).not.toHaveProperty('nextCursor');
    expect(await list('?first=5')).not.toHaveProperty('nextCursor');
  });

  test('a thousand items come in one piece, and the rest after them', async () => {
    await table.add(...Array.from({ length: 1001 }, () => ({})));
    const { items, nextCursor } = await list();
    expect(items).toHaveLength(1000);
    expect((await list(`?after=${nextCursor}`)).items).toHaveLength(1);
  });

  const FIRST = 'first must be a whole number from 1 to 1000';
  test.each([
    ['?first=0', FIRST],
    ['?first=1001', FIRST],
    ['?first=-1', FIRST],
    ['?first=ten', FIRST],
    ['?first=1e2', FIRST],
    ['?first=', FIRST],
    ['?after=x', 'after must be a cursor as it came with an edge or as start or end of a page'],
    ['?first=1&first=2', 'first must be given once'],
    ['?after=a&after=b', 'after must be given once'],
  ])('%s is refused', async (query, message) => {
    const { status, json } = await asUser(api, ANN).get(`/api/wishlist${query}`);
    expect(status).toBe(400);
    const code = message.includes('cursor') ? 'INVALID_CURSOR' : 'INVALID_PAGE_ARGUMENTS';
    expect(json).toEqual({ message, code });
  });

  test('other methods are refused', async () => {
    const { status, headers, json } = await api.post('/api/wishlist', { title: 'x' });
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe('GET, HEAD');
    expect(json).toMatchObject({ code: 'METHOD_NOT_ALLOWED' });
  });
});

describe('GET /api/wishlist/{id}', () => {
  test('the item, as it is in the list', async () => {
    const [id] = await table.add({ title: 'A boat', imageKey: 'uploads/wishlist/1.jpg' });
    const { status, json } = await asUser(api, ANN).get(`/api/wishlist/${id}`);
    expect(status).toBe(200);
    expect(json).toEqual((await list()).items[0]);
    expect(json).toEqual({
      id,
      title: 'A boat',
      imageUrl: 'https://cdn.example.com/uploads/wishlist/1.jpg',
      imageUrlExpiresAt: null,
      imageId: null,
      imageUpdatedAt: null,
      createdAt: TIME,
      updatedAt: TIME,
    });
  });

  test.each([
    ['that nobody has', NOBODY],
    ['in lower case', NOBODY.toLowerCase()],
    ['that is no ULID', 'garbage'],
    ['with a NUL', `${NOBODY.slice(1)}%00`],
    ['with SQL in it', "x'%20OR%20'1'='1"],
  ])('an id %s', async (_what, id) => {
    const { status, json } = await asUser(api, ANN).get(`/api/wishlist/${id}`);
    expect(status).toBe(404);
    expect(json).toEqual({ message: 'wishlist item not found', code: 'WISHLIST_ITEM_NOT_FOUND' });
  });

  test("another user's item is not there, nor in the list", async () => {
    const [id] = await table.add({ userId: BOB });
    expect((await asUser(api, ANN).get(`/api/wishlist/${id}`)).status).toBe(404);
    expect((await list()).items).toEqual([]);
    expect((await list('', BOB)).items).toHaveLength(1);
  });
});

describe('without a user', () => {
  const REFUSAL = {
    message: 'the request does not say which user it is for',
    code: 'UNAUTHENTICATED',
  };

  test.each(['/api/wishlist', `/api/wishlist/${NOBODY}`, '/api/wishlist?first=0'])(
    '%s is 401',
    async (path) => {
      await table.add({});
      const { status, json } = await asUser(api, null).get(path);
      expect({ status, json }).toEqual({ status: 401, json: REFUSAL });
    },
  );

  test.each([
    ['empty', ['x-user-id', '']],
    ['only spaces', ['x-user-id', '  ']],
    ['too long', ['x-user-id', 'a'.repeat(256)]],
    ['with control characters', ['x-user-id', 'a\tb']],
    ['another header', ['x-user', ANN]],
  ] as [string, [string, string]][])(
    'a header that is %s counts as none',
    async (_what, header) => {
      const { status } = await api.send('/api/wishlist', { headers: [header] });
      expect(status).toBe(401);
    },
  );

  test('images are served all the same', async () => {
    const id = await api.seed.ready();
    expect((await api.send(`/api/image/v1/serve/get-signed-url/${id}`)).status).toBe(200);
  });
});
