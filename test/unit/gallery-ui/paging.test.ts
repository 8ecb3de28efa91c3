import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { type Bench, createBench, picture, settle, tileOf } from './support/bench.ts';

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});
afterEach(() => bench.close());

const idle = (gallery: Awaited<ReturnType<Bench['start']>>) =>
  eventually(() => expect(gallery.getSnapshot().loading).toBe('none'));

describe('the listing', () => {
  test('is loaded page by page, and counted once', async () => {
    const ids = Array.from({ length: 130 }, () => bench.service.add().id).reverse();
    const gallery = await bench.start();
    expect(gallery.getSnapshot().keys).toEqual(ids.slice(0, 60));
    expect(gallery.getSnapshot().hasMore).toBe(true);
    gallery.loadMore();
    expect(gallery.getSnapshot().loading).toBe('more');
    gallery.loadMore();
    await idle(gallery);
    gallery.loadMore();
    await idle(gallery);
    expect(gallery.getSnapshot()).toMatchObject({ keys: ids, hasMore: false, loadProblem: null });
    gallery.loadMore();
    await eventually(() => expect(gallery.getSnapshot().totalCount).toBe(130));
    expect(bench.service.callsOf('GalleryPage')).toHaveLength(3);
    expect(bench.service.callsOf('GalleryCount')).toHaveLength(1);
  });

  test('shows an image that is in two pages once', async () => {
    for (let made = 0; made < 61; made += 1) bench.service.add();
    const gallery = await bench.start();
    const [key = ''] = gallery.getSnapshot().keys;
    const image = bench.service.images.get(key) ?? bench.service.add();
    // Now it is the oldest, and the last of the next page.
    bench.service.images.delete(key);
    bench.service.images = new Map([[key, image], ...bench.service.images]);
    gallery.loadMore();
    await idle(gallery);
    const { keys } = gallery.getSnapshot();
    expect(keys).toHaveLength(61);
    expect(new Set(keys).size).toBe(61);
  });

  test('drops the answer to a query that is no longer asked', async () => {
    bench.service.add({ contentType: 'image/png' });
    const jpeg = bench.service.add({ contentType: 'image/jpeg' });
    const gallery = await bench.start();
    const release = bench.service.hold('GalleryPage');
    gallery.setQuery({ filter: { contentType: 'image/png' }, order: 'NEWEST' });
    await settle();
    gallery.setQuery({ filter: { contentType: 'image/jpeg' }, order: 'NEWEST' });
    await idle(gallery);
    release();
    await settle();
    expect(gallery.getSnapshot().keys).toEqual([jpeg.id]);
    expect(gallery.getSnapshot().totalCount).toBe(1);
  });

  test('tells in words when it cannot be loaded, and tries again', async () => {
    bench.service.add();
    bench.service.fail('GalleryPage', 'no connection');
    const gallery = await bench.start();
    expect(gallery.getSnapshot().loadProblem).toBe(
      'The service cannot be reached. Check your connection and try again.',
    );
    bench.service.fail('GalleryPage', 503);
    gallery.loadMore();
    await idle(gallery);
    expect(gallery.getSnapshot().loadProblem).toBe(
      'The service has a problem just now. Try again in a moment.',
    );
    bench.service.fail('GalleryPage', undefined);
    gallery.loadMore();
    await idle(gallery);
    expect(gallery.getSnapshot()).toMatchObject({ loadProblem: null, keys: [expect.any(String)] });
  });

  test('tries the next page again with the same cursor, by itself when the network is back', async () => {
    for (let made = 0; made < 61; made += 1) bench.service.add();
    const gallery = await bench.start();
    bench.browser.setOnline(false);
    expect(gallery.getSnapshot().online).toBe(false);
    bench.service.fail('GalleryPage', 'no connection');
    gallery.loadMore();
    await idle(gallery);
    expect(gallery.getSnapshot().keys).toHaveLength(60);
    bench.service.fail('GalleryPage', undefined);
    bench.browser.setOnline(true);
    await eventually(() => expect(gallery.getSnapshot().keys).toHaveLength(61));
    expect(gallery.getSnapshot()).toMatchObject({ online: true, loadProblem: null });
  });

  test('keeps what is shown while it is loaded anew, and then has what others have added', async () => {
    for (let made = 0; made < 61; made += 1) bench.service.add();
    const gallery = await bench.start();
    const { keys } = gallery.getSnapshot();
    const added = bench.service.add();
    gallery.reload();
    // Not the page after what is about to go.
    gallery.loadMore();
    expect(gallery.getSnapshot().keys).toBe(keys);
    await idle(gallery);
    await settle();
    expect(gallery.getSnapshot().keys).toEqual([added.id, ...keys.slice(0, 59)]);
  });

  test('is loaded anew for somebody who comes back, unless they have scrolled on', async () => {
    for (let made = 0; made < 61; made += 1) bench.service.add();
    const gallery = await bench.start();
    const leaveFor = async (ms: number) => {
      const before = bench.service.callsOf('GalleryPage').length;
      bench.browser.setHidden(true);
      bench.browser.advance(ms);
      bench.browser.setHidden(false);
      await settle();
      await idle(gallery);
      return bench.service.callsOf('GalleryPage').length - before;
    };
    expect(await leaveFor(10_000)).toBe(0);
    expect(await leaveFor(61_000)).toBe(1);
    gallery.loadMore();
    await idle(gallery);
    expect(await leaveFor(61_000)).toBe(0);
  });
});

test('the snapshot is another one only when something in it is', async () => {
  bench.service.add();
  const gallery = await bench.start();
  await eventually(() => expect(gallery.getSnapshot().totalCount).toBe(1));
  const snapshot = gallery.getSnapshot();
  let told = 0;
  const unsubscribe = gallery.subscribe(() => {
    told += 1;
  });
  bench.browser.setOnline(true);
  gallery.setQuery({ order: 'NEWEST', filter: {} });
  gallery.loadMore();
  gallery.dismissDeleteProblem();
  gallery.show(snapshot.keys);
  expect(gallery.getSnapshot()).toBe(snapshot);
  expect(told).toBe(0);
  bench.browser.setOnline(false);
  expect(told).toBe(1);
  unsubscribe();
  bench.browser.setOnline(true);
  expect(told).toBe(1);
});

describe("this tab's uploads", () => {
  test('come first, and not again when the listing finds them', async () => {
    const old = bench.service.add();
    const gallery = await bench.start();
    gallery.addFiles([picture('a.jpg'), picture('b.jpg')]);
    const [a, b] = gallery.getSnapshot().keys;
    await eventually(() => expect(tileOf(gallery, b).image).not.toBeNull());
    gallery.reload();
    await idle(gallery);
    expect(gallery.getSnapshot().keys).toEqual([a, b, old.id]);
    gallery.addFiles([picture('c.jpg')]);
    expect(gallery.getSnapshot().keys.slice(1)).toEqual([a, b, old.id]);
  });

  test('are not there twice when the listing knows a record before its maker does', async () => {
    const gallery = await bench.start();
    const release = bench.service.hold('CreateUpload');
    gallery.addFiles([picture()]);
    await settle();
    // The record is there, the answer is not.
    const record = bench.service.add({ status: 'PENDING' });
    gallery.reload();
    await idle(gallery);
    expect(gallery.getSnapshot().keys).toHaveLength(2);
    const add = bench.service.add;
    bench.service.add = () => record;
    release();
    const [key] = gallery.getSnapshot().keys;
    await eventually(() => expect(gallery.getSnapshot().keys).toEqual([key]));
    expect(tileOf(gallery, key).image?.id).toBe(record.id);
    bench.service.add = add;
  });

  test('keep their key when a listing has them in its own order', async () => {
    const gallery = await bench.start();
    gallery.addFiles([picture()]);
    const [key] = gallery.getSnapshot().keys;
    await eventually(() => expect(bench.browser.xhrs.open()).toHaveLength(1));
    bench.browser.xhrs.all[0]?.answer(200);
    await settle();
    const id = tileOf(gallery, key).image?.id ?? '';
    bench.service.set(id, { status: 'READY' });
    bench.browser.advance(20_000);
    await eventually(() => expect(tileOf(gallery, key).image?.status).toBe('READY'));
    const newer = bench.service.add();
    gallery.reload();
    await idle(gallery);
    expect(gallery.getSnapshot().keys).toEqual([newer.id, key]);
  });

  test('count as soon as there are records of them', async () => {
    bench.service.add();
    const gallery = await bench.start();
    await eventually(() => expect(gallery.getSnapshot().totalCount).toBe(1));
    gallery.addFiles([picture()]);
    await eventually(() => expect(gallery.getSnapshot().totalCount).toBe(2));
  });
});
