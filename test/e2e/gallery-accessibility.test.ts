import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { describeInBrowser } from '../support/describe-in-browser.ts';
import { storePictures } from '../support/gallery-fill.ts';
import {
  handOver,
  partsOf,
  seeCount,
  stopClock,
  whileTimeCreeps,
} from '../support/gallery-parts.ts';
import { storeImages } from '../support/gallery-rows.ts';
import {
  type GalleryStage,
  startGalleryStage,
  type Visit,
  type VisitOptions,
} from '../support/gallery-stage.ts';
import { quarters } from '../support/pictures.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const PHONE: VisitOptions = {
  viewport: { width: 360, height: 740 },
  hasTouch: true,
  isMobile: true,
};
const LOOKS: [string, VisitOptions][] = [
  ['light', { colorScheme: 'light' }],
  ['dark', { colorScheme: 'dark' }],
  ['on a phone', { ...PHONE, colorScheme: 'light' }],
  ['on a phone, dark', { ...PHONE, colorScheme: 'dark' }],
];

describeInBrowser('the gallery for everybody', () => {
  let stage: GalleryStage;
  let visit: Visit;
  let parts: ReturnType<typeof partsOf>;
  let axe: string;

  beforeAll(async () => {
    axe = await readFile(AXE, 'utf8');
    stage = await startGalleryStage();
    await storeImages(stage.stack.database, [
      { status: 'failed', fileName: 'failed.jpg', contentType: 'image/jpeg' },
      { status: 'pending', fileName: 'pending.png' },
    ]);
    const bytes = await quarters(640, 400).png().toBuffer();
    await storePictures(stage.stack.graphql, [
      { name: 'one.png', bytes },
      { name: 'two.png', bytes },
    ]);
  });

  afterAll(() => stage.close());

  afterEach(async () => {
    await visit.close();
    expect(visit.problems).toEqual([]);
  });

  const start = async (options: VisitOptions) => {
    visit = await stage.visit(options);
    parts = partsOf(visit.page);
  };

  /** What axe finds, each with the elements that it is about. */
  async function findings(): Promise<string[]> {
    await visit.page.evaluate(axe);
    return visit.page.evaluate<string[]>('inPage.axeFindings()');
  }

  /** As a phone does, which has no room for what does not fit. */
  const overflow = () => visit.page.evaluate<number>('inPage.overflow()');

  describe.each(LOOKS)('%s', (_look, options) => {
    test('axe finds nothing in an empty gallery', async () => {
      await start({ ...options, search: '?name=nothing-is-called-this' });
      await visit.page.getByRole('heading', { name: 'No pictures match' }).waitFor();
      expect(await findings()).toEqual([]);
      await visit.close();

      const empty = {
        data: { gallery: { edges: [], pageInfo: { hasNextPage: false }, totalCount: 0 } },
      };
      await start({
        ...options,
        before: (page) => page.route('**/graphql', (route) => route.fulfill({ json: empty })),
      });
      await visit.page.getByRole('heading', { name: 'Your pictures go here' }).waitFor();
      expect(await findings()).toEqual([]);
      expect(await overflow()).toBeLessThanOrEqual(0);
    });

    test('nor among pictures that are ready, pending, failed, selected and deleted', async () => {
      await start({ ...options, before: (page) => page.clock.install() });
      const { page } = visit;
      await seeCount(parts.loaded, 2);
      const buffer = Buffer.from('text');
      await handOver(page, 'drop', [{ name: 'notes.txt', mimeType: 'text/plain', buffer }]);
      await parts.tile(/^notes\.txt/).waitFor();
      await page.getByRole('checkbox', { name: 'Select one.png' }).check();
      await parts.tile(/^pending\.png/).focus();
      // axe takes longer on a slow machine than a deletion can be undone.
      await stopClock(page);
      await page.keyboard.press('Delete');
      await parts.messages.getByText('1 picture deleted').waitFor();
      expect(await whileTimeCreeps(page, findings())).toEqual([]);
      expect(await overflow()).toBeLessThanOrEqual(0);
      await parts.messages.getByRole('button', { name: 'Undo' }).click();
    });

    test('nor in the lightbox with its details', async () => {
      await start(options);
      await parts.tile(/^one\.png/).click();
      await parts.full.waitFor();
      expect(await findings()).toEqual([]);
      await parts.button('Details').click();
      await visit.page.getByRole('complementary', { name: 'Details' }).waitFor();
      expect(await findings()).toEqual([]);
    });

    test('nor when nothing can be loaded', async () => {
      await start({
        ...options,
        before: (page) => page.route('**/graphql', (route) => route.abort()),
      });
      await visit.page.getByRole('button', { name: 'Try again' }).waitFor();
      await visit.context.setOffline(true);
      await visit.page.getByText('You are offline.').waitFor();
      expect(await findings()).toEqual([]);
      expect(await overflow()).toBeLessThanOrEqual(0);
    });
  });

  test('on a phone the filters fold away, and say how many there are', async () => {
    await start({ ...PHONE, search: '?status=ready&type=png' });
    const { page } = visit;
    await seeCount(parts.tiles, 2);
    expect(await page.getByRole('combobox', { name: 'Status' }).isVisible()).toBe(false);
    await parts.button('Filters (2)').click();
    await page.getByRole('combobox', { name: 'Status' }).selectOption('FAILED');
    await page.getByRole('combobox', { name: 'Type' }).selectOption('image/jpeg');
    await parts.tile(/^failed\.jpg/).waitFor();
    await seeCount(parts.tiles, 1);
    expect(await overflow()).toBeLessThanOrEqual(0);
  });
});
