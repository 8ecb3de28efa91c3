import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { CONTENT_TYPES } from '../../src/domain/content-types.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import {
  fetchPage,
  type GalleryArguments,
  type GalleryFilter,
  type GalleryPage,
  idsOf,
  PAGE,
} from '../support/gallery-query.ts';
import { type GalleryRow, removeImages, storeImages } from '../support/gallery-rows.ts';
import {
  drawArguments,
  drawFrom,
  type ListedImage,
  referencePage,
} from '../support/relay-reference.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const HOUR = 60 * 60 * 1000;
const NAMES = ['IMG_0001.JPG', 'img_0002.jpg', 'Holiday.png', '100%.gif', 'Ärger 猫.webp'];

function cursorOf(id: string): string {
  return Buffer.from(`image-1:${id}`).toString('base64url');
}

describe('pages of a gallery', () => {
  let api: TestApi;
  let images: ListedImage[];

  beforeAll(async () => {
    api = await startTestApi();
    const draw = drawFrom(1);
    const rows = Array.from(
      { length: 150 },
      (_, n): GalleryRow => ({
        // Several are of the same millisecond, and most of another period of the search.
        createdAt: new Date(START + Math.floor(n / 3) * 5 * HOUR),
        status: draw.oneOf(['ready', 'ready', 'pending', 'failed']),
        contentType: draw.oneOf(CONTENT_TYPES),
        fileName: draw.oneOf(NAMES),
      }),
    );
    const ids = await storeImages(api.config.DATABASE_URL, rows);
    images = rows.map((row, n) => ({ ...row, id: ids[n] ?? '' }));
  });

  afterAll(() => api.close());

  test('are what the specification makes of any arguments, filters and orders', async () => {
    const draw = drawFrom(2);
    const gone = cursorOf('01KDVPYE00ZZZZZZZZZZZZZZZZ');
    const choices = {
      cursors: [...images.map(({ id }) => cursorOf(id)), gone],
      times: images.flatMap(({ createdAt }) => [createdAt, new Date(createdAt.getTime() + 1)]),
      names: ['img_0', 'JPG', '%', '_', 'är', '猫', 'i', '\\', 'holiday.png', 'nowhere'],
    };
    for (let round = 0; round < 200; round += 1) {
      const given = drawArguments(draw, choices);
      const page = await fetchPage(api, given, `${PAGE} totalCount`);
      const { totalCount } = page;
      const { hasNextPage, hasPreviousPage } = page.pageInfo;
      expect({
        given,
        page: { ids: idsOf(page), totalCount, hasNextPage, hasPreviousPage },
      }).toEqual({ given, page: referencePage(images, given) });
      expect(page.pageInfo).toMatchObject({
        startCursor: page.edges.at(0)?.cursor ?? null,
        endCursor: page.edges.at(-1)?.cursor ?? null,
      });
    }
  });

  test('a cursor is good under another filter and in the other order', async () => {
    const { edges } = await fetchPage(api, { first: 40, filter: { status: 'READY' } });
    const after = edges.at(-1)?.cursor ?? '';
    for (const given of [
      { after, filter: { status: 'FAILED' } },
      { after, filter: { contentType: 'image/gif' }, order: 'OLDEST' },
    ] satisfies GalleryArguments[]) {
      const page = await fetchPage(api, given);
      expect(idsOf(page)).toEqual(referencePage(images, given).ids);
      expect(page.edges.length).toBeGreaterThan(0);
    }
  });

  test.each(['NEWEST', 'OLDEST'] as const)(
    'the one image at the cursor is a page before, or behind, %s first',
    async (order) => {
      const first = (await fetchPage(api, { first: 1, order })).pageInfo;
      expect(first).toMatchObject({ hasPreviousPage: false, hasNextPage: true });
      const second = (await fetchPage(api, { first: 1, after: first.endCursor, order })).pageInfo;
      expect(second).toMatchObject({ hasPreviousPage: true, hasNextPage: true });

      const last = (await fetchPage(api, { last: 1, order })).pageInfo;
      expect(last).toMatchObject({ hasPreviousPage: true, hasNextPage: false });
      const before = await fetchPage(api, { last: 1, before: last.startCursor, order });
      expect(before.pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: true });
    },
  );

  test('times are exclusive, to the millisecond', async () => {
    const { createdAt } = images[75] as ListedImage;
    const at = (offset: number) => new Date(createdAt.getTime() + offset).toISOString();
    const ofThatMoment = images.filter(
      (image) => image.createdAt.getTime() === createdAt.getTime(),
    );
    const counts = async (filter: GalleryFilter) =>
      (await fetchPage(api, { filter }, 'totalCount')).totalCount;
    expect(ofThatMoment).toHaveLength(3);
    expect(await counts({ createdAfter: at(-1), createdBefore: at(1) })).toBe(3);
    expect(await counts({ createdAfter: at(0), createdBefore: at(1) })).toBe(0);
    expect(await counts({ createdAfter: at(-1), createdBefore: at(0) })).toBe(0);
  });
});

describe('walking a gallery that changes', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi();
  });

  afterAll(() => api.close());

  interface Walk {
    order: 'NEWEST' | 'OLDEST';
    /** The arguments of the page that comes after this one; null for none. */
    next(page: GalleryPage): GalleryArguments | null;
    begin: GalleryArguments;
  }

  const forward: Omit<Walk, 'order'> = {
    begin: { first: 7 },
    next: ({ pageInfo: { hasNextPage, endCursor } }) =>
      hasNextPage ? { first: 7, after: endCursor } : null,
  };
  const backward: Omit<Walk, 'order'> = {
    begin: { last: 7 },
    next: ({ pageInfo: { hasPreviousPage, startCursor } }) =>
      hasPreviousPage ? { last: 7, before: startCursor } : null,
  };

  test.each<[string, Walk]>([
    ['forward, the newest first', { order: 'NEWEST', ...forward }],
    ['forward, the oldest first', { order: 'OLDEST', ...forward }],
    ['backward, the newest first', { order: 'NEWEST', ...backward }],
    ['backward, the oldest first', { order: 'OLDEST', ...backward }],
  ])('%s, meets every image that stays exactly once', async (_what, { order, next, begin }) => {
    const url = api.config.DATABASE_URL;
    const fileName = `${order} ${begin.first ? 'forward' : 'backward'}`;
    const filter = { fileNameContains: fileName };
    const times = Array.from({ length: 100 }, (_, n) => new Date(START + n * HOUR));
    const ids = await storeImages(
      url,
      times.map((createdAt) => ({ createdAt, fileName })),
    );
    const leaving = ids.filter((_, n) => n % 10 === 0);

    const met: string[] = [];
    let given: GalleryArguments | null = begin;
    for (let pages = 0; given; pages += 1) {
      const page: GalleryPage = await fetchPage(api, { ...given, order, filter });
      met.push(...idsOf(page));
      given = next(page);
      if (pages > 20) continue;
      // At both ends and in between: where the walk has been, and where it is to come.
      await storeImages(url, [
        { createdAt: new Date(START + 1000 * HOUR + pages), fileName },
        { createdAt: new Date(START - 1000 * HOUR - pages), fileName },
        { createdAt: new Date(START + 50.5 * HOUR), fileName },
      ]);
      // The image at the cursor among them, sooner or later.
      await removeImages(url, leaving.slice(pages, pages + 1));
    }
    expect(new Set(met).size).toBe(met.length);
    const staying = ids.filter((id) => !leaving.includes(id));
    expect(met.filter((id) => staying.some((each) => each === id)).toSorted()).toEqual(staying);
  });

  test('goes on behind a cursor whose image was deleted', async () => {
    const url = api.config.DATABASE_URL;
    const filter = { fileNameContains: 'deleted on the way' };
    const rows = [3, 2, 1].map((n) => ({
      createdAt: new Date(START + n),
      fileName: 'deleted on the way',
    }));
    const [newest = '', middle, oldest = ''] = await storeImages(url, rows);
    const before = await fetchPage(api, { first: 2, filter });
    expect(idsOf(before)).toEqual([newest, middle]);
    if (middle) await removeImages(url, [middle]);

    const after = await fetchPage(api, { after: before.pageInfo.endCursor, filter });
    expect(idsOf(after)).toEqual([oldest]);
    expect(after.pageInfo.hasPreviousPage).toBe(true);
    expect(idsOf(await fetchPage(api, { filter }))).toEqual([newest, oldest]);
  });
});
