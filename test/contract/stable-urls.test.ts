import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestApi, type TestApi } from '../support/api.ts';
import { cdnKey } from '../support/config.ts';
import { isSignedBy, makeRsaKey, parseCannedUrl } from '../support/keys.ts';

interface Access {
  downloadUrl: string;
  expiresAt: string;
}

const ONE = `query ($id: ID!) {
  image(id: $id) { access { downloadUrl expiresAt } thumbnail { downloadUrl expiresAt } }
}`;

/** A moment in a far window. The time runs on, but only when a test says so. */
const START = Date.UTC(2026, 1, 22, 10, 0, 0, 500);
let clock = START;
const now = () => clock;

const single = (id: string) => `/api/image/v1/serve/get-signed-url/${id}`;

/** Every way to the URL of a picture, and to that of its thumbnail. */
async function waysTo(
  api: TestApi,
  id: string,
): Promise<{ pictures: Access[]; thumbnail: Access }> {
  const rest = (json: unknown): Access => {
    const { download_url: downloadUrl, expires_at: expiresAt } = json as Record<string, string>;
    return { downloadUrl: downloadUrl ?? '', expiresAt: expiresAt ?? '' };
  };
  const one = await api.send(single(id));
  const many = await api.post('/api/image/v1/serve/get-signed-urls', { image_ids: [id] });
  const graphql = await api.graphql<{ image: { access: Access; thumbnail: Access } }>(ONE, { id });
  const { items } = many.json as { items: unknown[] };
  const { access, thumbnail } = graphql.data.image;
  return { pictures: [rest(one.json), rest(items[0]), access], thumbnail };
}

function expiryOf({ downloadUrl, expiresAt }: Access): number {
  const { expires } = parseCannedUrl(downloadUrl);
  // REST has whole seconds, GraphQL milliseconds.
  expect(Date.parse(expiresAt)).toBe(expires * 1000);
  return expires * 1000;
}

describe('with CLOUDFRONT_SIGNED_URL_REUSE_SECS=300', () => {
  let api: TestApi;
  let id: string;

  beforeAll(async () => {
    api = await startTestApi({ CLOUDFRONT_SIGNED_URL_REUSE_SECS: '300' }, { now });
  });

  afterAll(() => api.close());

  beforeEach(async () => {
    clock = START;
    id = await api.seed.ready();
  });

  test('REST and GraphQL give the same URL, signed as ever', async () => {
    const { pictures, thumbnail } = await waysTo(api, id);
    const urls = [...new Set(pictures.map(({ downloadUrl }) => downloadUrl))];
    expect(urls).toEqual([expect.stringContaining(`https://cdn.example.com/ingest/${id}?`)]);
    for (const url of [...urls, thumbnail.downloadUrl]) {
      expect(isSignedBy(cdnKey.publicKey, url)).toBe(true);
    }
  });

  test.each(['picture', 'thumbnail'])(
    'the URL of a %s is the same until its window ends, and then another',
    async (kind) => {
      const ask = async (): Promise<Access[]> => {
        const { pictures, thumbnail } = await waysTo(api, id);
        return kind === 'picture' ? pictures : [thumbnail];
      };
      const [first] = (await ask()) as [Access];
      clock = expiryOf(first) - 300_001;
      const last = await ask();
      expect(last.map(({ downloadUrl }) => downloadUrl)).toEqual(last.map(() => first.downloadUrl));
      clock += 1;
      const next = await ask();
      expect(next.map(expiryOf)).toEqual(next.map(() => expiryOf(first) + 300_000));
      expect(new Set(next.map(({ downloadUrl }) => downloadUrl)).size).toBe(1);
    },
  );

  test('every URL is good for more than 300 seconds, and for 600 at most', async () => {
    const ids = await Promise.all(Array.from({ length: 50 }, () => api.seed.ready()));
    for (let step = 0; step < 5; step += 1) {
      clock += 71_000;
      const { json } = await api.post('/api/image/v1/serve/get-signed-urls', { image_ids: ids });
      const { items } = json as { items: { download_url: string; expires_at: string }[] };
      const left = items.map(
        (item) => expiryOf({ downloadUrl: item.download_url, expiresAt: item.expires_at }) - clock,
      );
      expect(left).toHaveLength(50);
      expect(Math.min(...left)).toBeGreaterThan(300_000);
      expect(Math.max(...left)).toBeLessThanOrEqual(600_000);
      // Not all at one moment.
      expect(new Set(left).size).toBeGreaterThan(10);
    }
  });

  test('requests at the same time get the same URL', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => api.send(single(id))));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  test('two versions of a picture have two URLs', async () => {
    const other = await api.seed.ready('v2');
    const [one, two] = [await waysTo(api, id), await waysTo(api, other)];
    expect(one.pictures[0]?.downloadUrl).not.toBe(two.pictures[0]?.downloadUrl);
  });

  test('a deleted image has no URL, window or not', async () => {
    expect((await api.send(single(id))).status).toBe(200);
    expect((await api.send(`/api/image/v1/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await api.send(single(id))).json).toMatchObject({ code: 'IMAGE_NOT_FOUND' });
  });

  test('the answer itself is still not to be kept', async () => {
    expect((await api.send(single(id))).headers.get('cache-control')).toBe('no-store');
  });

  test("a wishlist item's picture has the URL of its image", async () => {
    const headers = { 'x-user-id': 'user-1', 'content-type': 'application/json' };
    const query = `mutation ($imageId: ID) {
      createWishlistItem(input: { title: "Boat", imageId: $imageId }) { item { id } }
    }`;
    const body = JSON.stringify({ query, variables: { imageId: id } });
    const added = await api.send('/graphql', { method: 'POST', headers, body });
    expect(added.status).toBe(200);
    const { json } = await api.send('/api/wishlist', { headers });
    const { items } = json as { items: { imageUrl: string; imageUrlExpiresAt: string }[] };
    const [first] = (await waysTo(api, id)).pictures as [Access];
    expect(items).toMatchObject([{ imageUrl: first.downloadUrl }]);
    expect(Date.parse(items[0]?.imageUrlExpiresAt ?? '')).toBe(expiryOf(first));
  });
});

test('two processes with one RSA key give the same URL', async () => {
  const environment = {
    CLOUDFRONT_SIGNED_URL_REUSE_SECS: '300',
    CLOUDFRONT_PRIVATE_KEY_PEM: makeRsaKey().pem,
  };
  clock = START;
  const one = await startTestApi(environment, { now });
  const other = await startTestApi(
    { ...environment, DATABASE_URL: one.config.DATABASE_URL },
    { now },
  );
  try {
    const id = await one.seed.ready();
    const { text } = await one.send(single(id));
    expect(await other.send(single(id))).toMatchObject({ status: 200, text });
  } finally {
    await other.close();
    await one.close();
  }
});

test('without it every request gets a fresh signature', async () => {
  const api = await startTestApi();
  try {
    const { pictures } = await waysTo(api, await api.seed.ready());
    expect(new Set(pictures.map(({ downloadUrl }) => downloadUrl)).size).toBe(3);
  } finally {
    await api.close();
  }
});
