import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestApi, type TestApi } from '../support/api.ts';
import { ANN, asUser, BOB, openWishlistTable, type WishlistTable } from '../support/wishlist.ts';

const NOBODY = '01ARZ3NDEKTSV4RRFFQ69G5FAV';

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

interface Connection {
  edges: { cursor: string; node: { id: string } }[];
  pageInfo: {
    hasNextPage: boolean;
    hasPreviousPage: boolean;
    startCursor: string | null;
    endCursor: string | null;
  };
}

const PAGE = `query ($first: Int, $after: String, $last: Int, $before: String) {
  wishlistItems(first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

async function page(variables: object = {}, user = ANN): Promise<Connection> {
  const { data, errors } = await asUser(api, user).graphql<{ wishlistItems: Connection }>(
    PAGE,
    variables,
  );
  expect(errors).toEqual([]);
  return data.wishlistItems;
}

const idsOf = ({ edges }: Connection) => edges.map(({ node }) => node.id);

describe('wishlistItems', () => {
  test('nothing yet', async () => {
    expect(await page()).toEqual({
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });

  test('without arguments the newest fifty', async () => {
    const ids = (await table.add(...Array.from({ length: 51 }, () => ({})))).toReversed();
    const connection = await page();
    expect(idsOf(connection)).toEqual(ids.slice(0, 50));
    expect(connection.pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: connection.edges[0]?.cursor,
      endCursor: connection.edges[49]?.cursor,
    });
  });

  test('forwards and backwards every item comes once, and both ends are known', async () => {
    const ids = (await table.add({}, {}, {}, {}, {}, {}, {})).toReversed();
    await table.add({ userId: BOB }, { userId: BOB });

    const forwards: string[][] = [];
    let connection = await page({ first: 3 });
    for (;;) {
      forwards.push(idsOf(connection));
      expect(connection.pageInfo.hasPreviousPage).toBe(forwards.length > 1);
      if (!connection.pageInfo.hasNextPage) break;
      connection = await page({ first: 3, after: connection.pageInfo.endCursor });
    }
    expect(forwards).toEqual([ids.slice(0, 3), ids.slice(3, 6), ids.slice(6)]);

    const backwards: string[][] = [];
    connection = await page({ last: 3 });
    for (;;) {
      backwards.unshift(idsOf(connection));
      expect(connection.pageInfo.hasNextPage).toBe(backwards.length > 1);
      if (!connection.pageInfo.hasPreviousPage) break;
      connection = await page({ last: 3, before: connection.pageInfo.startCursor });
    }
    expect(backwards).toEqual([ids.slice(0, 1), ids.slice(1, 4), ids.slice(4)]);
  });

  test('a range between two cursors, from either end', async () => {
    const ids = (await table.add({}, {}, {}, {}, {}, {})).toReversed();
    const cursors = (await page()).edges.map(({ cursor }) => cursor);
    const range = { after: cursors[0], before: cursors[5] };
    expect(idsOf(await page(range))).toEqual(ids.slice(1, 5));
    const both = { hasNextPage: true, hasPreviousPage: true };
    const first = await page({ ...range, first: 2 });
    expect(idsOf(first)).toEqual(ids.slice(1, 3));
    expect(first.pageInfo).toMatchObject(both);
    const last = await page({ ...range, last: 2 });
    expect(idsOf(last)).toEqual(ids.slice(3, 5));
    expect(last.pageInfo).toMatchObject(both);
    const crossed = await page({ after: cursors[5], before: cursors[0] });
    expect(crossed.edges).toEqual([]);
  });

  test('a cursor is good after its item is gone', async () => {
    const ids = (await table.add({}, {})).toReversed();
    const [first] = (await page()).edges;
    await table.clear();
    await table.add({ id: ids[1] ?? '' });
    expect(idsOf(await page({ after: first?.cursor }))).toEqual([ids[1]]);
  });

  test.each([
    [{ first: 1, last: 1 }, 'last', 'first and last cannot be given together'],
    [{ first: 0 }, 'first', 'first must be a whole number from 1 to 100'],
    [{ last: 101 }, 'last', 'last must be a whole number from 1 to 100'],
    [
      { after: 'x' },
      'after',
      'after must be a cursor as it came with an edge or as start or end of a page',
    ],
    [
      { before: '' },
      'before',
      'before must be a cursor as it came with an edge or as start or end of a page',
    ],
  ])('%j is refused', async (variables, field, message) => {
    const code = message.includes('cursor') ? 'INVALID_CURSOR' : 'INVALID_PAGE_ARGUMENTS';
    const { data, errors } = await asUser(api, ANN).graphql(PAGE, variables);
    expect(data).toBeNull();
    expect(errors).toEqual([expect.objectContaining({ message, extensions: { code, field } })]);
  });
});

test('a page of items, their images and other images: one query for items, one for images', async () => {
  const images = await Promise.all(Array.from({ length: 50 }, () => api.seed.ready()));
  await table.add(...images.map((imageId) => ({ imageId })), {
    imageKey: 'uploads/wishlist/1.jpg',
  });
  api.queries.length = 0;
  const { data, errors } = await asUser(api, ANN).graphql<{
    wishlistItems: { edges: { node: { imageUrl: string; image: { id: string } | null } }[] };
  }>(
    `query ($ids: [ID!]!) {
      images(ids: $ids) { id }
      wishlistItems(first: 100) { edges { node { imageUrl image { id access { downloadUrl } } } } }
    }`,
    { ids: images },
  );
  expect(errors).toEqual([]);
  const [keyed, ...others] = data.wishlistItems.edges.map(({ node }) => node);
  expect(keyed).toEqual({
    imageUrl: 'https://cdn.example.com/uploads/wishlist/1.jpg',
    image: null,
  });
  expect(others.map(({ image }) => image?.id)).toEqual(images.toReversed());
  for (const { imageUrl, image } of others) {
    expect(imageUrl).toContain(`https://cdn.example.com/ingest/${image?.id}?`);
  }
  const tables = api.queries.map((sql) => /(wishlist_items|image_records)/.exec(sql)?.[1]);
  expect(tables.filter((name) => name === 'wishlist_items')).toHaveLength(1);
  // The images that are asked for by id are known a tick before the page is.
  expect(tables.filter((name) => name === 'image_records')).toHaveLength(1);
});

describe('wishlistItem and node', () => {
  const ONE = `query ($id: ID!) {
    wishlistItem(id: $id) {
      id title imageUrl image { id } imageUpdatedAt createdAt updatedAt __typename
    }
    node(id: $id) { __typename id ... on WishlistItem { title } }
  }`;

  test('one item', async () => {
    const [id] = await table.add({
      title: 'A boat',
      imageKey: 'uploads/wishlist/1.jpg',
      imageUpdatedAt: new Date(1_771_754_400_123),
    });
    const { data, errors } = await asUser(api, ANN).graphql(ONE, { id });
    expect(errors).toEqual([]);
    expect(data).toEqual({
      wishlistItem: {
        __typename: 'WishlistItem',
        id,
        title: 'A boat',
        imageUrl: 'https://cdn.example.com/uploads/wishlist/1.jpg?v=1771754400123',
        image: null,
        imageUpdatedAt: '2026-02-22T10:00:00.123Z',
        createdAt: expect.any(String),
        updatedAt: expect.any(String),
      },
      node: { __typename: 'WishlistItem', id, title: 'A boat' },
    });
  });

  test("null for another user's, an unknown and an impossible id", async () => {
    const [id] = await table.add({ userId: BOB });
    for (const candidate of [id, NOBODY, 'garbage']) {
      const { data, errors } = await asUser(api, ANN).graphql(ONE, { id: candidate });
      expect(errors).toEqual([]);
      expect(data).toEqual({ wishlistItem: null, node: null });
    }
  });

  test('many by aliases: one query', async () => {
    const ids = await table.add({}, {}, {});
    api.queries.length = 0;
    const aliases = ids.map((id, n) => `i${n}: wishlistItem(id: "${id}") { id }`);
    const { data } = await asUser(api, ANN).graphql<Record<string, { id: string }>>(
      `{ ${aliases.join(' ')} }`,
    );
    expect(Object.values(data).map(({ id }) => id)).toEqual(ids);
    expect(api.queries).toHaveLength(1);
  });

  test('node still finds images, for everybody', async () => {
    const id = await api.seed.ready();
    const { data } = await asUser(api, null).graphql(
      'query ($id: ID!) { node(id: $id) { __typename id } }',
      { id },
    );
    expect(data).toEqual({ node: { __typename: 'Image', id } });
  });

  test('a URL of somebody else is handed out letter by letter', async () => {
    const imageUrl = 'HTTP://Example.com/a b';
    const [id] = await table.add({ imageUrl });
    const { data } = await asUser(api, ANN).graphql(ONE, { id });
    expect(data).toMatchObject({ wishlistItem: { imageUrl } });
  });
});

describe('without a user', () => {
  const UNAUTHENTICATED = expect.objectContaining({
    message: 'the request does not say which user it is for',
    extensions: { code: 'UNAUTHENTICATED' },
  });

  test.each([
    '{ wishlistItems { edges { cursor } } }',
    `{ wishlistItem(id: "${NOBODY}") { id } }`,
    'mutation { createWishlistItem(input: { title: "x" }) { userErrors { code } } }',
    `mutation { updateWishlistItem(input: { id: "${NOBODY}" }) { userErrors { code } } }`,
    `mutation { deleteWishlistItem(id: "${NOBODY}") { userErrors { code } } }`,
  ])('%s is an error', async (query) => {
    const { errors } = await asUser(api, null).graphql(query);
    expect(errors).toEqual([UNAUTHENTICATED]);
  });

  test('node does not find items', async () => {
    const [id] = await table.add({});
    const { data, errors } = await asUser(api, null).graphql(
      'query ($id: ID!) { node(id: $id) { id } }',
      { id },
    );
    expect({ data, errors }).toEqual({ data: { node: null }, errors: [] });
  });
});
