import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Gallery } from '../../../src/gallery-ui/model.ts';
import { eventually } from '../../support/eventually.ts';
import { type Bench, createBench, picture, settle, tileOf } from './support/bench.ts';
import { nextUpload, pickFiles } from './support/uploading.ts';

let bench: Bench;
let gallery: Gallery;
beforeEach(async () => {
  bench = createBench();
  gallery = await bench.start();
});
afterEach(() => bench.close());

const pick = (...files: File[]) => pickFiles(bench, gallery, files);
const upload = (key: string | undefined) => tileOf(gallery, key).upload;

describe('an upload', () => {
  test('goes to the URL with its headers but those of the browser, and tells how far it is', async () => {
    const file = picture('harbour.jpg', 'image/jpeg', 1000);
    const { keys, xhr } = await pick(file);
    const [key] = keys;
    expect(xhr).toMatchObject({ method: 'PUT', headers: { 'Content-Type': 'image/jpeg' } });
    expect(xhr.body).toBe(file);
    expect(xhr.url).toBe(`https://bucket.example/${tileOf(gallery, key).image?.id}`);
    expect(bench.service.callsOf('CreateUpload')[0]?.variables).toEqual({
      input: { contentType: 'image/jpeg', fileName: 'harbour.jpg', contentLength: 1000 },
    });

    const before = gallery.getSnapshot();
    let told = 0;
    gallery.subscribeTile(key ?? '', () => {
      told += 1;
    });
    xhr.progress(400);
    expect(upload(key)).toMatchObject({ state: 'uploading', sentBytes: 400, totalBytes: 1000 });
    expect(told).toBe(1);
    expect(gallery.getSnapshot()).toBe(before);

    xhr.answer(200);
    await settle();
    expect(upload(key)).toMatchObject({ state: 'checking', sentBytes: 1000 });
  });

  test.each([
    [200, 'checking'],
    // The first attempt had arrived.
    [412, 'checking'],
    [400, 'failed'],
    [403, 'queued'],
    [503, 'queued'],
  ])('that is answered with %d is %s', async (status, state) => {
    const { keys, xhr } = await pick(picture());
    xhr.answer(status);
    await eventually(() => expect(upload(keys[0])?.state).toBe(state));
  });

  test('is tried again by itself with the same URL, and given up after five attempts', async () => {
    const { keys } = await pick(picture());
    for (let attempt = 1; attempt <= 5; attempt += 1) {
      const xhr = await nextUpload(bench);
      expect(upload(keys[0])).toMatchObject({ state: 'uploading', sentBytes: 0 });
      xhr.progress(10);
      xhr.fail();
      await eventually(() => expect(upload(keys[0])?.state).not.toBe('uploading'));
      bench.browser.advance(30_000);
    }
    expect(upload(keys[0])).toMatchObject({
      state: 'failed',
      problem: 'The upload was interrupted. Check your connection and try again.',
      canRetry: true,
    });
    expect(bench.service.callsOf('CreateUpload')).toHaveLength(1);
  });

  test('that hangs is interrupted after a minute', async () => {
    const { keys, xhr } = await pick(picture());
    bench.browser.advance(59_000);
    xhr.progress(1);
    bench.browser.advance(59_000);
    await settle();
    expect(upload(keys[0])?.state).toBe('uploading');
    bench.browser.advance(2_000);
    await eventually(() => expect(upload(keys[0])?.state).toBe('queued'));
  });

  test('asks for another URL when the last has ended, and deletes the record of that', async () => {
    const { keys, xhr } = await pick(picture());
    const [key] = keys;
    const first = tileOf(gallery, key).image?.id;
    xhr.answer(400);
    await eventually(() => expect(upload(key)?.state).toBe('failed'));

    gallery.retryUpload(key ?? '');
    (await nextUpload(bench)).answer(400);
    await eventually(() => expect(upload(key)?.state).toBe('failed'));
    expect(bench.service.callsOf('CreateUpload')).toHaveLength(1);

    bench.browser.advance(300_000);
    gallery.retryUpload(key ?? '');
    await nextUpload(bench);
    expect(bench.service.callsOf('CreateUpload')).toHaveLength(2);
    expect(tileOf(gallery, key).image?.id).not.toBe(first);
    bench.browser.advance(1_000);
    await eventually(() => expect([...bench.service.images.keys()]).not.toContain(first));
    expect(bench.service.images.size).toBe(1);
  });

  test('of a file that was changed meanwhile says so', async () => {
    const file = picture();
    file.slice = () => {
      throw new DOMException('changed', 'NotReadableError');
    };
    const { keys, xhr } = await pick(file);
    xhr.fail();
    await eventually(() => expect(upload(keys[0])?.state).toBe('failed'));
    expect(upload(keys[0])).toMatchObject({
      problem: 'This file has changed or is gone since it was picked. Pick it again.',
      canRetry: false,
    });
  });

  test('that is too large says how large it may be, and then knows it for the next', async () => {
    bench.service.maxBytes = 10 * 1024 * 1024;
    gallery.addFiles([picture('a.png', 'image/png', 10 * 1024 * 1024 + 1)]);
    const [a] = gallery.getSnapshot().keys;
    await eventually(() => expect(upload(a)?.state).toBe('failed'));
    const words = 'This file is too large; up to 10 MB are taken.';
    expect(upload(a)).toMatchObject({ problem: words, canRetry: false });
    gallery.addFiles([picture('b.png', 'image/png', 10 * 1024 * 1024 + 1)]);
    expect(upload(gallery.getSnapshot().keys[0])).toMatchObject({
      state: 'failed',
      problem: words,
    });
    expect(bench.service.callsOf('CreateUpload')).toHaveLength(1);
  });

  test('of what is no supported picture is refused without asking', () => {
    gallery.addFiles([picture('a.heic', 'image/heic')]);
    expect(upload(gallery.getSnapshot().keys[0])).toEqual({
      state: 'failed',
      sentBytes: 0,
      totalBytes: 1000,
      problem: 'HEIC pictures are not supported; JPEG, PNG, WebP, AVIF and GIF are.',
      canRetry: false,
    });
    expect(bench.service.callsOf('CreateUpload')).toHaveLength(0);
  });
});
