import { expect } from '@jest/globals';
import type { Gallery } from '../../../../src/gallery-ui/model.ts';
import { eventually } from '../../../support/eventually.ts';
import type { Bench } from './bench.ts';
import type { FakeXhr } from './fake-xhr.ts';

/** The first of the uploads under way, once there are so many. */
export async function nextUpload({ browser }: Bench, count = 1): Promise<FakeXhr> {
  const [xhr] = await eventually(() => {
    expect(browser.xhrs.open()).toHaveLength(count);
    return browser.xhrs.open();
  });
  if (xhr === undefined) throw new Error('no upload');
  return xhr;
}

/** Picks files; their keys, and the first of the uploads that are under way. */
export async function pickFiles(
  bench: Bench,
  gallery: Gallery,
  files: File[],
): Promise<{ keys: string[]; xhr: FakeXhr }> {
  gallery.addFiles(files);
  const keys = gallery.getSnapshot().keys.slice(0, files.length);
  return { keys, xhr: await nextUpload(bench, Math.min(files.length, 3)) };
}
