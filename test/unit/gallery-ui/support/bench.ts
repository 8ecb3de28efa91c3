import { expect } from '@jest/globals';
import { createGallery } from '../../../../src/gallery-ui/gallery.ts';
import type { Gallery, GalleryQuery, Tile } from '../../../../src/gallery-ui/model.ts';
import { eventually } from '../../../support/eventually.ts';
import { createFakeBrowser, type FakeBrowser } from './fake-browser.ts';
import { createFakeService, type FakeService } from './fake-service.ts';

/** The state of a page in a browser without pixels, before a service in memory. */
export interface Bench {
  service: FakeService;
  browser: FakeBrowser;
  start(query?: GalleryQuery): Promise<Gallery>;
  close(): void;
}

export function createBench(): Bench {
  const service = createFakeService();
  const browser = createFakeBrowser(service.fetch);
  service.time = browser.time;
  const galleries: Gallery[] = [];
  return {
    service,
    browser,
    async start(query) {
      const gallery = createGallery({ environment: browser.env, ...(query && { query }) });
      galleries.push(gallery);
      await eventually(() => expect(gallery.getSnapshot().loading).toBe('none'));
      return gallery;
    },
    close() {
      for (const gallery of galleries) gallery.close();
    },
  };
}

/** The tile, of which the test knows that it is there. */
export function tileOf(gallery: Gallery, key: string | undefined): Tile {
  const tile = key === undefined ? undefined : gallery.getTile(key);
  if (tile === undefined) throw new Error(`no tile ${key}`);
  return tile;
}

export function picture(name = 'harbour.jpg', type = 'image/jpeg', size = 1000): File {
  return new File([new Uint8Array(size)], name, { type });
}

/** Lets everything happen that does not wait for a timer, a test or the network. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
