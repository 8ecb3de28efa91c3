import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { CDPSession, Route } from 'playwright-core';
import { describeInBrowser } from '../support/describe-in-browser.ts';
import { eventually } from '../support/eventually.ts';
import { type PickedFile, partsOf, pick } from '../support/gallery-parts.ts';
import { type GalleryStage, startGalleryStage, type Visit } from '../support/gallery-stage.ts';
import { noise, quarters } from '../support/pictures.ts';

const INTERRUPTED = 'The upload was interrupted. Check your connection and try again.';
/** Of a slow line, in bytes a second: the large file takes some twenty seconds on it. */
const SLOW = 25_000;

describeInBrowser('uploading over a network that is slow, away or broken', () => {
  let stage: GalleryStage;
  let visit: Visit;
  let parts: ReturnType<typeof partsOf>;
  let session: CDPSession | undefined;
  let large: Buffer;

  beforeAll(async () => {
    stage = await startGalleryStage();
    large = await noise(500, 400).png().toBuffer();
  });

  afterAll(() => stage.close());

  beforeEach(async () => {
    visit = await stage.visit();
    session = undefined;
    parts = partsOf(visit.page);
  });

  afterEach(async () => {
    await visit.close();
    expect(visit.problems).toEqual([]);
  });

  const file = (name: string): PickedFile => ({ name, mimeType: 'image/png', buffer: large });

  async function limitUploads(bytesPerSecond: number): Promise<void> {
    session ??= await visit.context.newCDPSession(visit.page);
    await session.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 20,
      downloadThroughput: -1,
      uploadThroughput: bytesPerSecond,
    });
  }

  /** Resolves with the percentage once some of the file, but not all, has left. */
  function seePart(name: string): Promise<number> {
    const bar = visit.page.getByRole('progressbar', { name: `Uploading ${name}` });
    return eventually(async () => {
      const percent = Number(await bar.getAttribute('value', { timeout: 1_000 }));
      if (!(percent > 0 && percent < 100)) throw new Error(`${name} is at ${percent} %`);
      return percent;
    });
  }

  test('a slow upload shows how far it is, and can be canceled and tried again', async () => {
    await limitUploads(SLOW);
    await pick(visit.page, [file('slow.png')]);
    const first = await seePart('slow.png');
    await eventually(async () => expect(await seePart('slow.png')).toBeGreaterThan(first));
    await parts.button('Cancel slow.png').click();
    await parts.tile('slow.png, Canceled').waitFor();
    // The record that the upload was for goes, too.
    await eventually(async () => expect(await parts.count.innerText()).toBe('0 pictures'));

    await limitUploads(-1);
    await parts.button('Retry slow.png').click();
    await parts.tile(/^slow\.png, PNG, /).waitFor();
    await eventually(async () => expect(await parts.count.innerText()).toBe('1 picture'));
  });

  test('offline, uploads wait; back, they go on by themselves', async () => {
    const { page, context } = visit;
    // Going offline does not end what Chromium has begun to send, as losing a network does.
    const underWay: Route[] = [];
    await page.route(`${stage.stack.s3}/**`, (route) => void underWay.push(route), { times: 2 });
    await pick(page, [file('train.png'), file('tunnel.png')]);
    await eventually(() => expect(underWay).toHaveLength(2));
    await context.setOffline(true);
    await Promise.all(underWay.map((route) => route.abort('internetdisconnected')));
    await page.getByText('You are offline.').waitFor();
    await parts.tile('train.png, Waiting').waitFor();
    await parts.tile('tunnel.png, Waiting').waitFor();
    await pick(page, [file('meanwhile.png')]);
    await parts.tile('meanwhile.png, Waiting').waitFor();

    await context.setOffline(false);
    await parts.tile(/^train\.png, PNG, /).waitFor();
    await parts.tile(/^tunnel\.png, PNG, /).waitFor();
    await parts.tile(/^meanwhile\.png, PNG, /).waitFor();
    await page.getByText('You are offline.').waitFor({ state: 'detached' });
    await page.getByText('3 pictures uploaded').first().waitFor();
  });

  test('a storage that fails once is asked again without a word', async () => {
    let refused = 0;
    await visit.page.route(
      `${stage.stack.s3}/**`,
      (route) => {
        refused += 1;
        return route.fulfill({ status: 503, headers: { 'access-control-allow-origin': '*' } });
      },
      { times: 1 },
    );
    await pick(visit.page, [file('again.png')]);
    await parts.tile(/^again\.png, PNG, /).waitFor();
    expect(refused).toBe(1);
  });

  test('a storage that fails for good is told, and Retry is for when it is well again', async () => {
    const { page } = visit;
    const unwell = `${stage.stack.s3}/**`;
    await page.clock.install();
    await page.route(unwell, (route) => route.abort());
    await pick(page, [file('stubborn.png')]);
    await eventually(async () => {
      // What it waits before each attempt.
      await page.clock.runFor(5_000);
      expect(await parts.tile(`stubborn.png, ${INTERRUPTED}`).count()).toBe(1);
    });
    await page.unroute(unwell);
    await parts.button('Retry stubborn.png').click();
    await eventually(async () => {
      await page.clock.runFor(1_000);
      expect(await parts.tile(/^stubborn\.png, PNG, /).count()).toBe(1);
    });
  });

  test('a service that cannot be reached is told, and asked again when told to', async () => {
    const { page } = visit;
    await page.route('**/graphql', (route) => route.abort());
    await page.reload();
    const alert = page.getByRole('alert');
    await alert.getByText('The service cannot be reached.').waitFor();
    await page.unroute('**/graphql');
    await alert.getByRole('button', { name: 'Try again' }).click();
    await alert.waitFor({ state: 'detached' });
    await parts.tile(/^again\.png/).waitFor();
  });

  test('sixty files at once all arrive', async () => {
    const buffer = await quarters().png().toBuffer();
    const names = Array.from({ length: 60 }, (_, index) => `many ${index + 1}.png`);
    await pick(
      visit.page,
      names.map((name) => ({ name, mimeType: 'image/png', buffer })),
    );
    await visit.page.getByText('60 pictures uploaded').first().waitFor();
    const last = visit.page.locator('.tile[data-index="59"]');
    await visit.page.evaluate('scrollTo(0, document.body.scrollHeight)');
    await last.getByRole('button', { name: /^many 60\.png, PNG, / }).waitFor();
    await last.locator('.thumbnail[data-loaded="true"]').waitFor();
  });
});
