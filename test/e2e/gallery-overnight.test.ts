import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { describeInBrowser } from '../support/describe-in-browser.ts';
import { eventually } from '../support/eventually.ts';
import { storePictures } from '../support/gallery-fill.ts';
import { partsOf, seeCount, stopClock } from '../support/gallery-parts.ts';
import { storeImages } from '../support/gallery-rows.ts';
import {
  type GalleryStage,
  startGalleryStage,
  type Visit,
  type VisitOptions,
} from '../support/gallery-stage.ts';
import { getBytes } from '../support/media-client.ts';
import { quarters } from '../support/pictures.ts';

/** Short enough to be waited for, in seconds; long enough for a picture to be loaded. */
const LIFE_SECS = 15;

describeInBrowser('a tab that is left open for longer than its URLs are good', () => {
  let stage: GalleryStage;
  let visit: Visit;
  let parts: ReturnType<typeof partsOf>;

  beforeAll(async () => {
    stage = await startGalleryStage({ CLOUDFRONT_SIGNED_URL_EXPIRY_SECS: String(LIFE_SECS) });
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
  const sources = () => visit.page.evaluate<string[]>('inPage.thumbnailUrls()');

  test('a URL that the edge refuses, for whatever reason, is replaced by itself', async () => {
    const refused: string[] = [];
    const refuse = (page: Visit['page']) =>
      page.route(
        `${stage.stack.edge}/**`,
        (route) => {
          refused.push(route.request().url());
          return route.fulfill({ status: 403 });
        },
        { times: 2 },
      );
    await start({
      before: async (page) => {
        await page.clock.install();
        await stopClock(page);
        await refuse(page);
      },
    });
    let passedMs = 0;
    await eventually(async () => {
      // Long before they would be replaced for their age, however slow the machine is.
      if (refused.length === 2 && passedMs < 5_000) {
        await visit.page.clock.runFor(50);
        passedMs += 50;
      }
      expect(await parts.loaded.count()).toBe(2);
    });
    expect(refused).toHaveLength(2);
    const shown = await sources();
    expect(shown.filter((url) => refused.includes(url))).toEqual([]);

    await visit.page.clock.resume();
    refused.length = 0;
    await refuse(visit.page);
    await parts.tile(/^two\.png/).click();
    await parts.full.waitFor();
    expect(refused.length).toBeGreaterThan(0);
  });

  test('pictures that stay on screen stay, and are not loaded over and over', async () => {
    let loads = 0;
    await start({
      before: async (page) => {
        await page.clock.install();
        page.on('request', (request) => {
          if (request.url().startsWith(stage.stack.edge)) loads += 1;
        });
      },
    });
    await seeCount(parts.loaded, 2);
    let asked = 0;
    visit.page.on('requestfinished', (request) => {
      if (request.postData()?.includes('ImagesById')) asked += 1;
    });
    await eventually(async () => {
      await visit.page.clock.runFor(LIFE_SECS * 1_000);
      expect(asked).toBeGreaterThan(2);
    });
    await seeCount(parts.loaded, 2);
    expect(loads).toBe(2);
  });

  test('left overnight with the lid closed, it shows everything again, with fresh URLs', async () => {
    // Above the two, so that these are in the gallery, and have yet to be scrolled to.
    const later = { status: 'failed', createdAt: new Date(Date.now() + 86_400_000) } as const;
    await storeImages(
      stage.stack.database,
      Array.from({ length: 58 }, () => later),
    );
    const answers: Promise<string>[] = [];
    await start({
      before: async (page) => {
        await page.clock.install();
        page.on('response', (response) => {
          if (response.url().endsWith('/graphql')) answers.push(response.text());
        });
      },
    });
    const { page } = visit;
    await parts
      .tile(/^cat\.png/)
      .first()
      .waitFor();
    await stopClock(page);
    const told = (await Promise.all(answers)).join();
    const old = [...told.matchAll(/http[^"]+\/thumbnails\/[^"]+/g)].map(([url]) => url);
    expect(old).toHaveLength(2);
    for (const url of old) {
      await eventually(async () => expect((await getBytes(url)).status).toBe(403), LIFE_SECS + 60);
    }

    await page.clock.fastForward('10:00:00');
    await page.clock.resume();
    await parts
      .tile(/^cat\.png/)
      .first()
      .focus();
    await page.keyboard.press('Control+End');
    await seeCount(parts.loaded, 2);
    expect((await sources()).filter((url) => old.includes(url))).toEqual([]);
    await page.keyboard.press('Enter');
    await parts.full.waitFor();
  });
});
