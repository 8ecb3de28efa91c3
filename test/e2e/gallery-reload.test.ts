import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { describeInBrowser } from '../support/describe-in-browser.ts';
import { eventually } from '../support/eventually.ts';
import { storePictures } from '../support/gallery-fill.ts';
import { partsOf, seeCount } from '../support/gallery-parts.ts';
import { type GalleryStage, startGalleryStage } from '../support/gallery-stage.ts';
import { noise } from '../support/pictures.ts';
import { type Transfer, watchTransfers } from '../support/transfers.ts';

const DAY_SECS = 86_400;

/** So long that hardly any test run sees one end. */
const REUSE = {
  CLOUDFRONT_SIGNED_URL_EXPIRY_SECS: String(7 * DAY_SECS),
  CLOUDFRONT_SIGNED_URL_REUSE_SECS: String(3 * DAY_SECS),
};

const STAGES: [what: string, environment: Record<string, string>, isKept: boolean][] = [
  ['whose URLs are reused', REUSE, true],
  ['whose URLs are fresh, as they are by default', {}, false],
];

describeInBrowser('a gallery that is loaded again', () => {
  describe.each(STAGES)('%s', (_what, environment, isKept) => {
    let stage: GalleryStage;

    beforeAll(async () => {
      stage = await startGalleryStage(environment);
      const bytes = await noise(400, 300).png().toBuffer();
      await storePictures(
        stage.stack.graphql,
        ['one.png', 'two.png', 'three.png'].map((name) => ({ name, bytes })),
      );
    });

    afterAll(() => stage.close());

    test(`transfers ${isKept ? 'nothing' : 'everything'}, for thumbnails and pictures`, async () => {
      const visit = await stage.visit();
      const { page } = visit;
      const parts = partsOf(page);
      const transfers = await watchTransfers(visit, stage.stack.edge);

      /** Loads the page again and looks at a picture; what it was sent then, and what it had. */
      async function reload(): Promise<Loaded> {
        await page.reload();
        await seeCount(parts.loaded, 3);
        await parts.tile(/^two\.png/).click();
        await parts.full.waitFor();
        const picture = await parts.full.getAttribute('src');
        // Not its neighbours, which are fetched ahead: nobody waits for them here.
        const isShown = (url: string) => url.includes('/thumbnails/') || url === picture;
        return eventually(() => {
          const { sent, kept } = loadedOf(transfers.filter(({ url }) => isShown(url)));
          expect([...sent, ...kept]).toHaveLength(4);
          return { sent, kept };
        });
      }

      const first = await reload();
      let again = await reload();
      // A window may have ended in between. It does not do so twice.
      if (isKept && endsOf(again) !== endsOf(first)) again = await reload();

      expect(isKept ? again.sent : again.kept).toEqual([]);
      await visit.close();
      expect(visit.problems).toEqual([]);
    });
  });
});

/** URLs: those of which something came over the network, and those that were in the browser's cache. */
interface Loaded {
  sent: string[];
  kept: string[];
}

/** The page may ask for one URL several times: a thumbnail is also shown below the large picture. */
function loadedOf(transfers: readonly Transfer[]): Loaded {
  const sent = new Set(transfers.flatMap(({ url, isCached }) => (isCached ? [] : [url])));
  const all = new Set(transfers.map(({ url }) => url));
  return { sent: [...sent], kept: [...all].filter((url) => !sent.has(url)) };
}

/** When which URL stops working. */
function endsOf({ sent, kept }: Loaded): string {
  return [...sent, ...kept]
    .map((url) => `${url.split('?')[0]} ${new URL(url).searchParams.get('Expires')}`)
    .sort()
    .join();
}
