import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Gallery } from '../../../src/gallery-ui/model.ts';
import { eventually } from '../../support/eventually.ts';
import { type Bench, createBench, picture, settle, tileOf } from './support/bench.ts';

let bench: Bench;
let gallery: Gallery;
beforeEach(async () => {
  bench = createBench();
  gallery = await bench.start();
});
afterEach(() => bench.close());

async function becomeReady(key: string): Promise<void> {
  const id = await eventually(() => {
    const image = tileOf(gallery, key).image;
    if (image === null) throw new Error('no image yet');
    return image.id;
  });
  for (const xhr of bench.browser.xhrs.open()) xhr.answer(200);
  await settle();
  bench.service.set(id, { status: 'READY' });
  bench.browser.advance(20_000);
  await eventually(() => expect(tileOf(gallery, key).thumbnail).not.toBeNull());
}

test('of 500 picked files only those on screen get one', () => {
  gallery.addFiles(Array.from({ length: 500 }, () => picture()));
  const { keys } = gallery.getSnapshot();
  expect(bench.browser.objectUrls.size).toBe(0);
  gallery.show(keys.slice(0, 20));
  expect(bench.browser.objectUrls.size).toBe(20);
  expect(tileOf(gallery, keys[0]).previewUrl).toMatch(/^blob:/);
  gallery.show(keys.slice(0, 20));
  expect(bench.browser.objectUrls.size).toBe(20);
});

test('is there at once for a file that is on screen as soon as it is picked', () => {
  gallery.addFiles([picture()]);
  const [key = ''] = gallery.getSnapshot().keys;
  let told = 0;
  gallery.subscribeTile(key, () => {
    told += 1;
  });
  gallery.show([key]);
  expect(told).toBe(1);
  expect(tileOf(gallery, key).previewUrl).not.toBeNull();
});

test('stays until there is a thumbnail and nobody looks', async () => {
  gallery.addFiles([picture()]);
  const [key = ''] = gallery.getSnapshot().keys;
  gallery.show([key]);
  gallery.show([]);
  expect(bench.browser.objectUrls.size).toBe(1);
  gallery.show([key]);
  await becomeReady(key);
  gallery.show([key, 'another']);
  expect(bench.browser.objectUrls.size).toBe(1);
  gallery.show([]);
  expect(bench.browser.objectUrls.size).toBe(0);
  expect(tileOf(gallery, key).previewUrl).toBeNull();
  gallery.show([key]);
  expect(bench.browser.objectUrls.size).toBe(0);
});

test('is taken back when the tile is dismissed, or the page closed', () => {
  gallery.addFiles([picture('a.txt', 'text/plain'), picture()]);
  const [refused = '', other = ''] = gallery.getSnapshot().keys;
  gallery.show([refused, other]);
  expect(bench.browser.objectUrls.size).toBe(2);
  gallery.dismiss(refused);
  expect(bench.browser.objectUrls.size).toBe(1);
  gallery.close();
  expect(bench.browser.objectUrls.size).toBe(0);
});
