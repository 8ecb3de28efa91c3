import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Gallery } from '../../../src/gallery-ui/model.ts';
import { eventually } from '../../support/eventually.ts';
import { type Bench, createBench, picture, settle, tileOf } from './support/bench.ts';

let bench: Bench;
let gallery: Gallery;
let keys: readonly string[];

beforeEach(() => {
  bench = createBench();
});
afterEach(() => bench.close());

async function startWith(images: number): Promise<void> {
  for (let made = 0; made < images; made += 1) bench.service.add();
  gallery = await bench.start();
  await eventually(() => expect(gallery.getSnapshot().totalCount).toBe(images));
  keys = gallery.getSnapshot().keys;
}

const deleted = () => bench.service.callsOf('DeleteImages').map(({ variables }) => variables.ids);
const visible = () => gallery.getSnapshot().keys;

test('images are out of the grid at once, and deleted when it cannot be undone any more', async () => {
  await startWith(3);
  gallery.remove([keys[1] ?? '']);
  expect(visible()).toEqual([keys[0], keys[2]]);
  const [deletion] = gallery.getSnapshot().deletions;
  expect(deletion).toMatchObject({ count: 1, sentAt: bench.browser.env.now() + 10_000 });
  bench.browser.advance(9_900);
  await settle();
  expect(deleted()).toEqual([]);
  bench.browser.advance(100);
  await eventually(() => expect(bench.service.images.size).toBe(2));
  await settle();
  expect(gallery.getSnapshot()).toMatchObject({ deletions: [], totalCount: 2 });
  expect(gallery.getTile(keys[1] ?? '')).toBeUndefined();
  gallery.undoRemove(deletion?.id ?? '');
  expect(visible()).toEqual([keys[0], keys[2]]);
});

test('undone, they are back in their place, and nothing is sent', async () => {
  await startWith(5);
  gallery.remove([keys[1] ?? '', keys[3] ?? '']);
  gallery.remove([keys[2] ?? '']);
  const [first, second] = gallery.getSnapshot().deletions;
  gallery.undoRemove(first?.id ?? '');
  expect(visible()).toEqual([keys[0], keys[1], keys[3], keys[4]]);
  gallery.undoRemove(second?.id ?? '');
  expect(visible()).toEqual(keys);
  bench.browser.advance(60_000);
  await settle();
  expect(deleted()).toEqual([]);
});

test('stay out of the grid although a listing still has them, and can be undone after it', async () => {
  await startWith(3);
  gallery.remove([keys[1] ?? '']);
  gallery.reload();
  await eventually(() => expect(gallery.getSnapshot().loading).toBe('none'));
  expect(visible()).toEqual([keys[0], keys[2]]);
  gallery.undoRemove(gallery.getSnapshot().deletions[0]?.id ?? '');
  expect(visible()).toEqual(keys);
});

test('are deleted although they are on no page that was loaded since', async () => {
  await startWith(61);
  gallery.loadMore();
  await eventually(() => expect(visible()).toHaveLength(61));
  const [last = ''] = visible().slice(-1);
  gallery.remove([last]);
  gallery.reload();
  await eventually(() => expect(gallery.getSnapshot().loading).toBe('none'));
  bench.browser.advance(10_000);
  await eventually(() => expect(deleted()).toEqual([[last]]));
});

test('are not brought back by an answer that was on its way', async () => {
  await startWith(2);
  gallery.remove([keys[0] ?? '']);
  const late = bench.service.images.get(keys[0] ?? '');
  bench.browser.advance(10_000);
  await eventually(() => expect(bench.service.images.size).toBe(1));
  await settle();
  if (late) bench.service.images.set(late.id, late);
  gallery.reload();
  await eventually(() => expect(gallery.getSnapshot().loading).toBe('none'));
  expect(visible()).toEqual([keys[1]]);
});

test('go 50 at a time', async () => {
  await startWith(60);
  gallery.remove(keys);
  bench.browser.advance(10_000);
  await eventually(() => expect(bench.service.images.size).toBe(0));
  expect(deleted().map((ids) => ids?.length)).toEqual([50, 10]);
});

test('that cannot be deleted come back, in words', async () => {
  await startWith(2);
  bench.service.fail('DeleteImages', 'no connection');
  gallery.remove([...keys]);
  bench.browser.advance(10_000);
  await eventually(() => expect(visible()).toEqual(keys));
  expect(gallery.getSnapshot()).toMatchObject({
    deletions: [],
    deleteProblem:
      '2 pictures could not be deleted. The service cannot be reached. Check your connection and try again.',
    totalCount: 2,
  });
  gallery.dismissDeleteProblem();
  expect(gallery.getSnapshot().deleteProblem).toBeNull();
});

test('are sent when the page is left, in a way that outlives it', async () => {
  await startWith(60);
  gallery.remove(keys.slice(0, 51));
  bench.browser.fire('leave');
  expect(bench.service.callsOf('DeleteImages').map(({ init }) => init.keepalive)).toEqual([
    true,
    true,
  ]);
  expect(deleted().flat()).toEqual(keys.slice(0, 51));
  // The page may be brought back as it was.
  expect(gallery.getSnapshot()).toMatchObject({ deletions: [], keys: keys.slice(51) });
  bench.browser.advance(60_000);
  await settle();
  expect(deleted()).toHaveLength(2);
});

test('that were just sent when the page is left are sent again: that call may not outlive it', async () => {
  await startWith(1);
  const release = bench.service.hold('DeleteImages');
  gallery.remove(keys);
  bench.browser.advance(10_000);
  await settle();
  bench.browser.fire('leave');
  expect(deleted()).toEqual([keys, keys]);
  release();
  await settle();
});

test('of an upload under way end it', async () => {
  await startWith(0);
  gallery.addFiles([picture()]);
  const [key = ''] = visible();
  await eventually(() => expect(bench.browser.xhrs.open()).toHaveLength(1));
  gallery.remove([key]);
  expect(bench.browser.xhrs.open()).toHaveLength(1);
  bench.browser.advance(10_000);
  await eventually(() => expect(bench.service.images.size).toBe(0));
  await eventually(() => expect(bench.browser.xhrs.open()).toHaveLength(0));
  expect(gallery.getTile(key)).toBeUndefined();
});

test('of this tab that FAILED can be dismissed', async () => {
  await startWith(0);
  gallery.addFiles([picture()]);
  const [key = ''] = visible();
  await eventually(() => expect(bench.browser.xhrs.open()).toHaveLength(1));
  bench.browser.xhrs.all[0]?.answer(200);
  await settle();
  const id = tileOf(gallery, key).image?.id ?? '';
  bench.service.set(id, { status: 'FAILED', failureReason: 'UNDECODABLE' });
  bench.browser.advance(20_000);
  await eventually(() => expect(tileOf(gallery, key).image?.failureReason).toBe('UNDECODABLE'));
  expect(tileOf(gallery, key).upload).toBeNull();
  gallery.dismiss(key);
  expect(visible()).toEqual([]);
  bench.browser.advance(1_000);
  await eventually(() => expect(bench.service.images.size).toBe(0));
});
