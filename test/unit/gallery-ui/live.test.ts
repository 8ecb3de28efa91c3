import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
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

const live = () => bench.service.streams.live();
const polls = () => bench.service.callsOf('ImagesById').length;

async function theStream() {
  const [stream] = await eventually(() => {
    expect(live()).toHaveLength(1);
    return live();
  });
  if (stream === undefined) throw new Error('no stream');
  return stream;
}

/** Uploads so many files; their keys and ids, once all bytes are there. */
async function store(count: number): Promise<{ keys: string[]; ids: string[] }> {
  gallery.addFiles(Array.from({ length: count }, () => picture()));
  const keys = gallery.getSnapshot().keys.slice(0, count);
  await eventually(() => {
    for (const xhr of bench.browser.xhrs.open()) xhr.answer(200);
    for (const key of keys) expect(tileOf(gallery, key).upload?.state).toBe('checking');
  });
  return { keys, ids: keys.map((key) => tileOf(gallery, key).image?.id ?? '') };
}

describe('an image that was uploaded', () => {
  test('becomes READY by the stream, without being asked for', async () => {
    const { keys, ids } = await store(1);
    bench.browser.advance(100);
    const stream = await theStream();
    expect(stream.ids).toEqual(ids);
    stream.send(bench.service.set(ids[0] ?? '', { status: 'PENDING' }));
    stream.send(bench.service.set(ids[0] ?? '', { status: 'READY' }));
    stream.complete();
    await eventually(() => expect(tileOf(gallery, keys[0]).image?.status).toBe('READY'));
    expect(tileOf(gallery, keys[0])).toMatchObject({
      upload: null,
      thumbnail: { url: expect.stringContaining('https://edge.example/thumbnails/') },
    });
    await settle();
    bench.browser.advance(60_000);
    await settle();
    expect(bench.service.streams.all).toHaveLength(1);
    expect(polls()).toBe(0);
  });

  test('shares the stream with all others', async () => {
    const { ids } = await store(7);
    bench.browser.advance(100);
    expect((await theStream()).ids).toEqual(ids);
    expect(bench.service.streams.all).toHaveLength(1);
  });

  test('that comes later gets another stream in place of the first', async () => {
    const first = await store(1);
    bench.browser.advance(100);
    await theStream();
    const second = await store(1);
    bench.browser.advance(1_000);
    await eventually(() => expect(bench.service.streams.all).toHaveLength(2));
    expect((await theStream()).ids).toEqual([...first.ids, ...second.ids]);
  });

  test('is not forgotten when there are more than a stream takes', async () => {
    const { ids, keys } = await store(130);
    bench.browser.advance(100);
    const stream = await theStream();
    expect(stream.ids).toEqual(ids.slice(0, 100));
    for (const id of ids.slice(0, 29)) stream.send(bench.service.set(id, { status: 'READY' }));
    await eventually(() => expect(tileOf(gallery, keys[28]).image?.status).toBe('READY'));
    bench.browser.advance(5_000);
    await settle();
    // 71 of the stream and 30 others: one too many for another stream to be worth it.
    expect(bench.service.streams.all).toHaveLength(1);
    stream.send(bench.service.set(ids[29] ?? '', { status: 'READY' }));
    await eventually(() => expect(tileOf(gallery, keys[29]).image?.status).toBe('READY'));
    bench.browser.advance(1_000);
    await eventually(() => expect(live()[0]?.ids).toEqual(ids.slice(30)));
    expect(live()).toHaveLength(1);
  });

  test('and was deleted by somebody else says so, and can be tried again', async () => {
    const { keys, ids } = await store(1);
    bench.browser.advance(100);
    const stream = await theStream();
    bench.service.images.delete(ids[0] ?? '');
    stream.complete();
    await eventually(() => expect(tileOf(gallery, keys[0]).upload?.state).toBe('failed'));
    expect(tileOf(gallery, keys[0])).toMatchObject({
      image: null,
      upload: { problem: 'This picture was deleted before it was ready.', canRetry: true },
    });
    gallery.retryUpload(keys[0] ?? '');
    await eventually(() => expect(bench.browser.xhrs.open()).toHaveLength(1));
  });
});

describe('without streams', () => {
  test('images are polled', async () => {
    bench.service.fail('ImageStatusChanged', 503);
    const { keys, ids } = await store(1);
    bench.browser.advance(100);
    await settle();
    bench.service.set(ids[0] ?? '', { status: 'READY' });
    bench.browser.advance(4_000);
    await eventually(() => expect(tileOf(gallery, keys[0]).image?.status).toBe('READY'));
    expect(polls()).toBe(1);
    bench.browser.advance(60_000);
    await settle();
    expect(polls()).toBe(1);
  });

  test('a stream that breaks is opened again, with pauses that grow', async () => {
    await store(1);
    bench.browser.advance(100);
    (await theStream()).fail();
    await settle();
    bench.browser.advance(1_000);
    await theStream();
    expect(bench.service.streams.all).toHaveLength(2);
    bench.service.fail('ImageStatusChanged', 503);
    live()[0]?.fail();
    await settle();
    for (let second = 0; second < 120; second += 1) {
      bench.browser.advance(1_000);
      await settle();
    }
    const attempts = bench.service.callsOf('ImageStatusChanged').length;
    expect(attempts).toBeGreaterThan(6);
    expect(attempts).toBeLessThan(20);
  });

  test('a stream that has silently died does no harm', async () => {
    const { keys, ids } = await store(1);
    bench.browser.advance(100);
    await theStream();
    bench.service.set(ids[0] ?? '', { status: 'READY' });
    bench.browser.advance(20_000);
    await eventually(() => expect(tileOf(gallery, keys[0]).image?.status).toBe('READY'));
    expect(live()).toHaveLength(0);
  });

  test('a stream is opened anew when the network is back, or the computer has slept', async () => {
    await store(1);
    bench.browser.advance(100);
    await theStream();
    bench.browser.setOnline(true);
    bench.browser.advance(100);
    await eventually(() => expect(bench.service.streams.all).toHaveLength(2));
    bench.browser.sleep(3_600_000);
    bench.browser.advance(100);
    await eventually(() => expect(bench.service.streams.all).toHaveLength(3));
    expect(live()).toHaveLength(1);
  });

  test('that end although an image is PENDING are not opened in a loop', async () => {
    await store(1);
    for (let tenth = 0; tenth < 100; tenth += 1) {
      bench.browser.advance(100);
      await settle();
      for (const stream of live()) {
        const image = bench.service.images.get(stream.ids[0] ?? '');
        if (image) stream.send(image);
        stream.complete();
      }
      await settle();
    }
    expect(bench.service.streams.all.length).toBeLessThan(25);
  });
});

describe('an image that somebody else is uploading', () => {
  test('is followed while it is on screen', async () => {
    const other = bench.service.add({ status: 'PENDING' });
    gallery.reload();
    await eventually(() => expect(gallery.getSnapshot().keys).toEqual([other.id]));
    gallery.show([other.id]);
    bench.browser.advance(100);
    const stream = await theStream();
    stream.send(bench.service.set(other.id, { status: 'READY' }));
    await eventually(() => expect(tileOf(gallery, other.id).image?.status).toBe('READY'));
    await eventually(() => expect(live()).toHaveLength(0));
  });

  test('is not followed any more when it is out of sight', async () => {
    const other = bench.service.add({ status: 'PENDING' });
    gallery.reload();
    await eventually(() => expect(gallery.getSnapshot().keys).toEqual([other.id]));
    gallery.show([other.id]);
    bench.browser.advance(100);
    await theStream();
    gallery.show([]);
    await eventually(() => expect(live()).toHaveLength(0));
  });
});

test('closing ends streams, uploads and timers', async () => {
  await store(1);
  gallery.addFiles([picture()]);
  await eventually(() => expect(bench.browser.xhrs.open()).toHaveLength(1));
  bench.browser.advance(100);
  await theStream();
  gallery.close();
  await settle();
  expect(live()).toHaveLength(0);
  expect(bench.browser.xhrs.open()).toHaveLength(0);
  expect(bench.browser.timers()).toBe(0);
});
