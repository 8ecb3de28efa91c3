import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestApi, type TestApi } from '../support/api.ts';
import {
  ANN,
  asUser,
  BOB,
  type ChangedItem,
  changeItem,
  openWishlistTable,
  type WishlistTable,
} from '../support/wishlist.ts';

const NOBODY = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const S3 = 'https://secret-bucket.s3.amazonaws.com';

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

const change = (kind: 'create' | 'update', input: object) => changeItem(api, kind, input);

async function make(input: object): Promise<ChangedItem> {
  const { item, userErrors } = await change('create', { title: 'A boat', ...input });
  expect(userErrors).toEqual([]);
  if (!item) throw new Error('there is no item');
  return item;
}

async function update(input: object): Promise<ChangedItem> {
  const { item, userErrors } = await change('update', input);
  expect(userErrors).toEqual([]);
  if (!item) throw new Error('there is no item');
  return item;
}

const versioned = (path: string, { imageUpdatedAt }: ChangedItem) =>
  `https://cdn.example.com/${path}?v=${Date.parse(imageUpdatedAt ?? '')}`;

describe('createWishlistItem', () => {
  test('without a picture', async () => {
    const item = await make({ title: '🦊'.repeat(255) });
    expect(item).toEqual({
      id: expect.stringMatching(/^[0-7][0-9A-HJKMNP-TV-Z]{25}$/),
      title: '🦊'.repeat(255),
      imageUrl: null,
      image: null,
      imageUpdatedAt: null,
      updatedAt: expect.any(String),
    });
    expect((await asUser(api, ANN).get(`/api/wishlist/${item.id}`)).status).toBe(200);
    expect((await asUser(api, BOB).get(`/api/wishlist/${item.id}`)).status).toBe(404);
  });

  test.each(['uploads/wishlist/a b.jpg', '/uploads/wishlist/a b.jpg'])(
    'by key %s',
    async (imageKey) => {
      const item = await make({ imageKey });
      expect(item.imageUrl).toBe(versioned('uploads/wishlist/a%20b.jpg', item));
      expect(await table.row(item.id)).toMatchObject({ imageKey: 'uploads/wishlist/a b.jpg' });
    },
  );

  test('by a legacy URL, which is kept as it is', async () => {
    const imageUrl = `${S3}/uploads/wishlist/1.jpg?v=1`;
    const item = await make({ imageUrl, imageKey: null });
    expect(item.imageUrl).toBe(versioned('uploads/wishlist/1.jpg', item));
    expect(await table.row(item.id)).toMatchObject({ imageUrl, imageKey: null });
  });

  test("by somebody else's URL", async () => {
    const imageUrl = 'https://images.example.com/1.jpg';
    expect((await make({ imageUrl })).imageUrl).toBe(imageUrl);
  });

  test('by a ready and by a pending image', async () => {
    const ready = await api.seed.ready();
    const item = await make({ imageId: ready });
    expect(item.image).toEqual({ id: ready });
    expect(item.imageUrl).toContain(`https://cdn.example.com/ingest/${ready}?`);
    const pending = await api.seed.pending();
    expect(await make({ imageId: pending })).toMatchObject({
      image: { id: pending },
      imageUrl: null,
    });
  });
});

describe('updateWishlistItem', () => {
  test('the title alone: the picture stays, and so does its version', async () => {
    const before = await make({ imageKey: 'uploads/wishlist/1.jpg' });
    const after = await update({ id: before.id, title: 'A ship' });
    expect(after).toEqual({ ...before, title: 'A ship', updatedAt: expect.any(String) });
  });

  test.each([
    ['key', { imageKey: 'uploads/wishlist/1.jpg' }],
    ['key, with a leading slash', { imageKey: '/uploads/wishlist/1.jpg' }],
    ['URL', { imageUrl: `${S3}/uploads/wishlist/1.jpg` }],
    ['none', { imageKey: null }],
  ])('the same picture again does not move its version: %s', async (_what, picture) => {
    const before = await make(picture);
    const after = await update({ id: before.id, ...picture });
    expect(after).toEqual({ ...before, updatedAt: expect.any(String) });
  });

  test('the same image again does not move its version', async () => {
    const imageId = await api.seed.ready();
    const before = await make({ imageId });
    const after = await update({ id: before.id, imageId });
    expect(after.imageUpdatedAt).toBe(before.imageUpdatedAt);
  });

  test('every other picture moves it, from kind to kind and back at once', async () => {
    let item = await make({ imageKey: 'uploads/wishlist/1.jpg' });
    const pictures = [
      { imageKey: 'uploads/wishlist/2.jpg' },
      { imageUrl: `${S3}/uploads/wishlist/2.jpg` },
      { imageId: await api.seed.ready() },
      { imageId: await api.seed.ready() },
      { imageUrl: 'https://images.example.com/1.jpg', imageKey: null, imageId: null },
      { imageUrl: null },
      { imageKey: 'uploads/wishlist/1.jpg' },
    ];
    for (const picture of pictures) {
      const next = await update({ id: item.id, ...picture });
      expect(Date.parse(next.imageUpdatedAt ?? '')).toBeGreaterThan(
        Date.parse(item.imageUpdatedAt ?? ''),
      );
      const none = { imageKey: null, imageUrl: null, imageId: null };
      expect(await table.row(item.id)).toMatchObject({ ...none, ...picture });
      item = next;
    }
    expect(item.imageUrl).toBe(versioned('uploads/wishlist/1.jpg', item));
  });

  test('a version never repeats, even where the clock was ahead', async () => {
    const imageUpdatedAt = new Date(Date.now() + 3_600_000);
    const [id] = await table.add({ imageKey: 'uploads/wishlist/1.jpg', imageUpdatedAt });
    const { imageUpdatedAt: after } = await update({ id, imageKey: 'uploads/wishlist/2.jpg' });
    expect(Date.parse(after ?? '')).toBe(imageUpdatedAt.getTime() + 1);
  });

  test.each(['imageKey', 'imageUrl', 'imageId'])(
    'null in %s takes the picture away',
    async (field) => {
      const { id } = await make({ imageKey: 'uploads/wishlist/1.jpg' });
      expect(await update({ id, [field]: null })).toMatchObject({ imageUrl: null, image: null });
      expect(await table.row(id)).toMatchObject({ imageKey: null, imageUrl: null, imageId: null });
    },
  );

  test('a normalised picture keeps both, unless it changes', async () => {
    const imageUrl = `${S3}/uploads/wishlist/1.jpg`;
    const row = { imageKey: 'uploads/wishlist/1.jpg', imageUrl, imageUpdatedAt: new Date(1) };
    const [id = ''] = await table.add(row);
    await update({ id, imageUrl });
    await update({ id, imageKey: row.imageKey });
    expect(await table.row(id)).toMatchObject(row);
    await update({ id, imageKey: 'uploads/wishlist/2.jpg' });
    expect(await table.row(id)).toMatchObject({
      imageKey: 'uploads/wishlist/2.jpg',
      imageUrl: null,
    });
  });

  test('null is no title', async () => {
    const { id } = await make({});
    const { userErrors } = await change('update', { id, title: null });
    const message = 'title must not be null';
    expect(userErrors).toEqual([{ code: 'INVALID_TITLE', message, field: 'title' }]);
  });

  test('of many at once every one counts', async () => {
    const { id } = await make({});
    const keys = Array.from({ length: 12 }, (_, n) => `uploads/wishlist/${n}`);
    const items = await Promise.all(keys.map((imageKey) => update({ id, imageKey })));
    expect(new Set(items.map(({ imageUpdatedAt }) => imageUpdatedAt)).size).toBe(keys.length);
    for (const [n, item] of items.entries()) {
      expect(item.imageUrl).toBe(versioned(`uploads/wishlist/${n}`, item));
    }
  });
});

const NOT_FOUND = {
  code: 'WISHLIST_ITEM_NOT_FOUND',
  message: 'wishlist item not found',
  field: 'id',
};

interface Deletion {
  deleteWishlistItem: { deletedId: string | null; userErrors: object[] };
}

async function remove(id: string, user = ANN): Promise<Deletion['deleteWishlistItem']> {
  const { data, errors } = await asUser(api, user).graphql<Deletion>(
    `mutation ($id: ID!) {
      deleteWishlistItem(id: $id) { deletedId userErrors { code message field } }
    }`,
    { id },
  );
  expect(errors).toEqual([]);
  return data.deleteWishlistItem;
}

test('deleteWishlistItem deletes once', async () => {
  const { id } = await make({});
  expect(await remove(id)).toEqual({ deletedId: id, userErrors: [] });
  expect(await table.row(id)).toBeNull();
  expect(await remove(id)).toEqual({ deletedId: null, userErrors: [NOT_FOUND] });
});

test("another user's item can be neither changed nor deleted", async () => {
  const [id = ''] = await table.add({ userId: BOB, title: "Bob's" });
  for (const candidate of [id, NOBODY, 'garbage']) {
    const nothing = { item: null, userErrors: [NOT_FOUND] };
    expect(await change('update', { id: candidate, title: 'mine' })).toEqual(nothing);
    expect(await remove(candidate)).toEqual({ deletedId: null, userErrors: [NOT_FOUND] });
  }
  expect(await table.row(id)).toMatchObject({ userId: BOB, title: "Bob's" });
});
