import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Gallery } from '../../../src/gallery-ui/model.ts';
import { eventually } from '../../support/eventually.ts';
import { type Bench, createBench, picture, settle, tileOf } from './support/bench.ts';
import type { FakeXhr } from './support/fake-xhr.ts';
import { nextUpload, pickFiles } from './support/uploading.ts';

let bench: Bench;
let gallery: Gallery;
beforeEach(async () => {
  bench = createBench();
  gallery = await bench.start();
});
afterEach(() => bench.close());

const open = (): FakeXhr[] => bench.browser.xhrs.open();
const pick = (...files: File[]) => pickFiles(bench, gallery, files);
const upload = (key: string | undefined) => tileOf(gallery, key).upload;

describe('the queue', () => {
  test('has three at work, in the order in which they were picked', async () => {
    const files = ['a', 'b', 'c', 'd', 'e'].map((name) => picture(`${name}.jpg`));
    const { keys, xhr } = await pick(...files);
    expect(keys.map((key) => upload(key)?.state)).toEqual([
      'uploading',
      'uploading',
      'uploading',
      'queued',
      'queued',
    ]);
    // No URL is asked for before it is needed: it would end meanwhile.
    expect(bench.service.callsOf('CreateUpload')).toHaveLength(3);
    xhr.answer(200);
    await eventually(() => expect(open().map(({ body }) => body)).toContain(files[3]));
    expect(open()).toHaveLength(3);
    expect(upload(keys[4])?.state).toBe('queued');
  });

  test('goes on past uploads that wait for another attempt', async () => {
    const files = ['a', 'b', 'c', 'd'].map((name) => picture(`${name}.jpg`));
    const { keys, xhr } = await pick(...files);
    xhr.fail();
    await eventually(() => expect(open().map(({ body }) => body)).toContain(files[3]));
    expect(upload(keys[0])?.state).toBe('queued');
  });

  test('takes the same file twice as two pictures', async () => {
    const file = picture();
    const { keys } = await pick(file, file);
    const [one, other] = keys.map((key) => tileOf(gallery, key).image?.id);
    expect(one).not.toBe(other);
  });

  test('waits without a network, uses up no attempts, and goes on with it', async () => {
    const { keys } = await pick(...Array.from({ length: 4 }, () => picture()));
    bench.browser.setOnline(false);
    bench.service.fail('CreateUpload', 'no connection');
    for (let attempt = 0; attempt < 10; attempt += 1) {
      bench.browser.advance(15_000);
      await settle();
      for (const each of open()) each.fail();
      await settle();
    }
    expect(keys.map((key) => upload(key)?.state)).toEqual(keys.map(() => 'queued'));
    bench.service.fail('CreateUpload', undefined);
    bench.browser.setOnline(true);
    await nextUpload(bench, 3);
  });

  test('uploads to a service that is reachable although the browser says it is offline', async () => {
    bench.browser.setOnline(false);
    const { keys, xhr } = await pick(picture());
    xhr.answer(200);
    await eventually(() => expect(upload(keys[0])?.state).toBe('checking'));
  });
});

describe('canceling', () => {
  test('ends an upload, deletes its record, and leaves a tile that can be tried again', async () => {
    const { keys, xhr } = await pick(picture());
    const [key = ''] = keys;
    gallery.cancelUpload(key);
    expect(xhr.isOver).toBe(true);
    expect(tileOf(gallery, key)).toMatchObject({ image: null, upload: { state: 'canceled' } });
    await settle();
    bench.browser.advance(1_000);
    await eventually(() => expect(bench.service.images.size).toBe(0));
    expect(gallery.getSnapshot()).toMatchObject({ deletions: [], deleteProblem: null });

    gallery.retryUpload(key);
    (await nextUpload(bench)).answer(200);
    await eventually(() => expect(upload(key)?.state).toBe('checking'));
    expect(bench.service.images.size).toBe(1);
  });

  test('deletes a record that is made only after it', async () => {
    const release = bench.service.hold('CreateUpload');
    gallery.addFiles([picture()]);
    const [key = ''] = gallery.getSnapshot().keys;
    await eventually(() => expect(bench.service.callsOf('CreateUpload')).toHaveLength(1));
    gallery.cancelUpload(key);
    // Tried again before the answer to the first attempt is there.
    gallery.retryUpload(key);
    await eventually(() => expect(bench.service.callsOf('CreateUpload')).toHaveLength(2));
    release();
    await nextUpload(bench);
    await settle();
    bench.browser.advance(1_000);
    await eventually(() => expect(bench.service.images.size).toBe(1));
    expect([...bench.service.images.keys()]).toEqual([tileOf(gallery, key).image?.id]);
  });

  test.each([500, 'no connection'] as const)(
    'stays canceled when what was asked for it then fails (%s)',
    async (fault) => {
      const release = bench.service.hold('CreateUpload');
      gallery.addFiles([picture()]);
      const [key = ''] = gallery.getSnapshot().keys;
      await eventually(() => expect(bench.service.callsOf('CreateUpload')).toHaveLength(1));
      gallery.cancelUpload(key);
      bench.service.fail('CreateUpload', fault);
      release();
      await settle();
      bench.browser.advance(60_000);
      await settle();
      expect(upload(key)?.state).toBe('canceled');
      expect(bench.service.callsOf('CreateUpload')).toHaveLength(1);
    },
  );

  test('makes room for the next', async () => {
    const { keys } = await pick(...Array.from({ length: 4 }, () => picture()));
    gallery.cancelUpload(keys[1] ?? '');
    await eventually(() => expect(upload(keys[3])?.state).toBe('uploading'));
    await nextUpload(bench, 3);
  });

  test('of one in the line or before its next attempt is the end of it', async () => {
    const { keys, xhr } = await pick(...Array.from({ length: 4 }, () => picture()));
    gallery.cancelUpload(keys[3] ?? '');
    xhr.fail();
    await eventually(() => expect(upload(keys[0])?.state).toBe('queued'));
    gallery.cancelUpload(keys[0] ?? '');
    bench.browser.advance(60_000);
    await settle();
    expect(upload(keys[0])?.state).toBe('canceled');
    expect(upload(keys[3])?.state).toBe('canceled');
  });

  test('and dismissing takes it out of the grid', async () => {
    const { keys } = await pick(picture());
    const [key = ''] = keys;
    gallery.dismiss(key);
    expect(gallery.getSnapshot().keys).toEqual([key]);
    gallery.cancelUpload(key);
    gallery.dismiss(key);
    expect(gallery.getSnapshot().keys).toEqual([]);
    expect(gallery.getTile(key)).toBeUndefined();
  });
});
