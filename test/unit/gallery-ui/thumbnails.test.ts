import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Gallery } from '../../../src/gallery-ui/model.ts';
import { eventually } from '../../support/eventually.ts';
import { type Bench, createBench, settle, tileOf } from './support/bench.ts';

let bench: Bench;
beforeEach(() => {
  bench = createBench();
});
afterEach(() => bench.close());

const HOUR_MS = 3_600_000;
const asked = () => bench.service.callsOf('ImagesById').map(({ variables }) => variables.ids);

async function startWith(images: number): Promise<{ gallery: Gallery; keys: readonly string[] }> {
  for (let made = 0; made < images; made += 1) bench.service.add();
  const gallery = await bench.start();
  const { keys } = gallery.getSnapshot();
  return { gallery, keys };
}

/** In steps, so that answers come in between. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 30_000) {
    bench.browser.advance(Math.min(30_000, ms - passed));
    await settle();
  }
}

/** How long the thumbnail is good yet, by the service's clock. */
function goodForMs(gallery: Gallery, key: string | undefined): number {
  const { thumbnail } = tileOf(gallery, key);
  if (thumbnail === null) throw new Error('no thumbnail');
  return thumbnail.expiresAt - bench.browser.env.now();
}

describe('thumbnails on screen', () => {
  test('come with the page, and are asked for again only within their last minute', async () => {
    const { gallery, keys } = await startWith(3);
    gallery.show(keys.slice(0, 2));
    await pass(535_000);
    expect(asked()).toEqual([]);
    await pass(10_000);
    expect(asked()).toEqual([keys.slice(0, 2)]);
    expect(goodForMs(gallery, keys[0])).toBeGreaterThan(590_000);
    await pass(HOUR_MS);
    expect(goodForMs(gallery, keys[0])).toBeGreaterThan(0);
    expect(asked()).toHaveLength(7);
    // Nobody has looked at this one.
    expect(asked().flat()).not.toContain(keys[2]);
  });

  test('are asked for in batches of 50, one after the other', async () => {
    const { gallery, keys } = await startWith(60);
    await pass(HOUR_MS);
    const release = bench.service.hold('ImagesById');
    gallery.show(keys.slice(0, 10));
    gallery.show(keys);
    bench.browser.advance(1_000);
    await settle();
    gallery.show(keys.slice(1));
    bench.browser.advance(1_000);
    await settle();
    expect(asked()).toEqual([keys.slice(0, 50)]);
    release();
    await settle();
    bench.browser.advance(1_000);
    await settle();
    expect(asked()).toEqual([keys.slice(0, 50), keys.slice(50)]);
  });

  test('that are good keep their URL, whatever other answers bring', async () => {
    const { gallery, keys } = await startWith(1);
    const { thumbnail } = tileOf(gallery, keys[0]);
    gallery.reload();
    await eventually(() => expect(gallery.getSnapshot().loading).toBe('none'));
    expect(tileOf(gallery, keys[0]).thumbnail).toBe(thumbnail);
  });

  test('are not asked for while nobody can see the page, but as soon as somebody can', async () => {
    const { gallery, keys } = await startWith(1);
    gallery.show(keys);
    bench.browser.setHidden(true);
    await pass(HOUR_MS);
    expect(asked()).toEqual([]);
    bench.service.fail('GalleryPage', 500);
    bench.browser.setHidden(false);
    bench.browser.advance(1_000);
    await eventually(() => expect(goodForMs(gallery, keys[0])).toBeGreaterThan(590_000));
  });

  test('are asked for when the computer wakes, before any timer would have', async () => {
    const { gallery, keys } = await startWith(1);
    gallery.show(keys);
    bench.browser.sleep(8 * HOUR_MS);
    bench.browser.advance(1_000);
    await eventually(() => expect(goodForMs(gallery, keys[0])).toBeGreaterThan(590_000));
  });

  test('are asked for again after a failure, less and less often', async () => {
    const { gallery, keys } = await startWith(1);
    gallery.show(keys);
    bench.service.fail('ImagesById', 503);
    await pass(840_000);
    const failed = asked().length;
    expect(failed).toBeGreaterThan(5);
    expect(failed).toBeLessThan(25);
    bench.service.fail('ImagesById', undefined);
    await pass(60_000);
    expect(goodForMs(gallery, keys[0])).toBeGreaterThan(500_000);
  });

  test('of an image that is gone take the tile with them', async () => {
    const { gallery, keys } = await startWith(2);
    gallery.show(keys);
    bench.service.images.delete(keys[0] ?? '');
    await pass(570_000);
    expect(gallery.getSnapshot().keys).toEqual([keys[1]]);
  });
});

describe('a browser whose clock is wrong', () => {
  test.each([
    ['days ahead', 50 * HOUR_MS],
    ['hours behind', -5 * HOUR_MS],
  ])('by being %s has good thumbnails, and asks no more often', async (_how, skewMs) => {
    bench.browser.skewMs = skewMs;
    const { gallery, keys } = await startWith(1);
    expect(goodForMs(gallery, keys[0])).toBeGreaterThan(595_000);
    expect(goodForMs(gallery, keys[0])).toBeLessThan(605_000);
    gallery.show(keys);
    await pass(HOUR_MS);
    expect(asked()).toHaveLength(6);
    expect(goodForMs(gallery, keys[0])).toBeGreaterThan(0);
  });

  test.each([
    ['ahead', HOUR_MS],
    ['back', -HOUR_MS],
  ])('is set %s, and asks once to know the time again', async (_how, change) => {
    const { gallery, keys } = await startWith(1);
    gallery.show(keys);
    bench.browser.skewMs += change;
    await pass(540_000);
    // Once for the clock, once because a minute was left.
    expect(asked()).toHaveLength(2);
    expect(goodForMs(gallery, keys[0])).toBeGreaterThan(500_000);
    expect(goodForMs(gallery, keys[0])).toBeLessThan(605_000);
  });

  test.each([50 * HOUR_MS, -50 * HOUR_MS])(
    'and is not told the time (off by %d ms) does not ask in a loop',
    async (skewMs) => {
      bench.browser.skewMs = skewMs;
      bench.service.sendsDate = false;
      const { gallery, keys } = await startWith(1);
      gallery.show(keys);
      await pass(HOUR_MS);
      expect(asked().length).toBeLessThan(15);
    },
  );
});

test('URLs that live for less than a minute are asked for at half their time', async () => {
  bench.service.urlLifeMs = 40_000;
  const { gallery, keys } = await startWith(1);
  gallery.show(keys);
  for (let step = 0; step < 60; step += 1) {
    bench.browser.advance(1_000);
    await settle();
    expect(goodForMs(gallery, keys[0])).toBeGreaterThan(0);
  }
  expect(asked()).toHaveLength(3);
});

describe('a thumbnail that cannot be loaded', () => {
  test('is asked for at once, then with longer and longer pauses', async () => {
    const { gallery, keys } = await startWith(1);
    const [key = ''] = keys;
    gallery.show(keys);
    const { thumbnail } = tileOf(gallery, key);
    gallery.thumbnailBroken(key);
    gallery.thumbnailBroken(key);
    expect(tileOf(gallery, key).thumbnail).toBeNull();
    bench.browser.advance(1_000);
    await eventually(() => expect(tileOf(gallery, key).thumbnail).not.toBeNull());
    expect(tileOf(gallery, key).thumbnail?.url).not.toBe(thumbnail?.url);

    for (let second = 0; second < 400; second += 1) {
      if (tileOf(gallery, key).thumbnail !== null) gallery.thumbnailBroken(key);
      bench.browser.advance(1_000);
      await settle();
    }
    expect(asked().length).toBeLessThan(6);
  });
});

describe('the full picture', () => {
  test('keeps its URL while that is good for a minute', async () => {
    const { gallery, keys } = await startWith(2);
    const [key = '', other = ''] = keys;
    const [first, , again] = await Promise.all(
      [key, other, key].map((each) => gallery.access(each)),
    );
    const calls = bench.service.callsOf('ImageAccesses');
    expect(calls.map(({ variables }) => variables.ids)).toEqual([[key, other]]);
    expect(again).toEqual(first);
    await pass(535_000);
    expect((await gallery.access(key)).url).toBe(first?.url);
    await pass(10_000);
    const fresh = await gallery.access(key);
    expect(fresh.url).not.toBe(first?.url);
    expect(fresh.expiresAt - bench.browser.env.now()).toBeGreaterThan(590_000);
    expect((await gallery.access(key, { fresh: true })).url).not.toBe(fresh.url);
  });

  test.each([
    ['the computer was asleep', 0, HOUR_MS],
    ['the clock was set back', -HOUR_MS, 590_000],
  ])('is asked for again after %s', async (_what, change, ms) => {
    const { gallery, keys } = await startWith(1);
    const first = await gallery.access(keys[0] ?? '');
    bench.browser.skewMs += change;
    bench.browser.sleep(ms);
    expect((await gallery.access(keys[0] ?? '')).url).not.toBe(first.url);
  });

  test('says in words why there is none', async () => {
    const { id } = bench.service.add({ status: 'PENDING' });
    const { gallery, keys } = await startWith(1);
    await expect(gallery.access(id)).rejects.toThrow('This picture is not ready yet.');
    bench.service.fail('ImageAccesses', 'no connection');
    const gone = keys.find((key) => key !== id) ?? '';
    await expect(gallery.access(gone)).rejects.toThrow(/cannot be reached/);
    bench.service.fail('ImageAccesses', undefined);
    bench.service.images.delete(gone);
    await expect(gallery.access(gone)).rejects.toThrow(/not there any more/);
    await expect(gallery.access('no such tile')).rejects.toThrow(/not there any more/);
  });
});
