import path from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import { cactus } from '../samples/scenes.ts';
import type { Landscape } from './landscapes.ts';

export interface ScreenshotOptions {
  browser: Browser;
  /** Where the page is; its gallery is empty. */
  api: string;
  landscapes: readonly Landscape[];
  /** Where the screenshots go. */
  directory: string;
}

const DESKTOP: BrowserContextOptions = { viewport: { width: 1280, height: 800 } };
const DARK: BrowserContextOptions = { ...DESKTOP, colorScheme: 'dark' };
const PHONE: BrowserContextOptions = {
  ...{ viewport: { width: 390, height: 780 }, deviceScaleFactor: 2 },
  ...{ hasTouch: true, isMobile: true },
};
/** So many are there already when the others are shown on their way. */
const TAKEN_IN = 16;
/** Of a slow line, in bytes a second. */
const SLOW = 50_000;
const PATIENCE_MS = 60_000;

/** Each goes on from where the one before has left the gallery. */
export async function takeScreenshots(options: ScreenshotOptions): Promise<void> {
  const { browser, api, landscapes, directory } = options;
  const earlier = landscapes.slice(0, TAKEN_IN);
  const later = landscapes.slice(TAKEN_IN);

  async function take(
    file: string,
    look: BrowserContextOptions,
    show: (page: Page) => Promise<unknown>,
    goOn: (page: Page) => Promise<unknown> = async () => {},
  ): Promise<void> {
    const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce', ...look });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    await page.goto(api);
    await show(page);
    const picture = sharp(await page.screenshot()).webp({ quality: 82 });
    await picture.toFile(path.join(directory, file));
    await goOn(page);
    await context.close();
  }

  await take('gallery-empty.webp', DESKTOP, (page) =>
    page.getByText('Your pictures go here').waitFor(),
  );
  await take(
    'gallery-uploading.webp',
    DARK,
    async (page) => {
      await upload(page, earlier);
      await seeLoaded(page, TAKEN_IN);
      await limitUploads(page, SLOW);
      await upload(page, [await liar(), ...largestFirst(later)]);
      await page.getByRole('button', { name: /^cactus\.jpg, This file is not/ }).waitFor();
      await seePart(page);
    },
    async (page) => {
      await limitUploads(page, -1);
      await page
        .getByText(`${later.length} of ${later.length + 1} uploaded`)
        .first()
        .waitFor();
      await page.getByRole('button', { name: 'Delete cactus.jpg' }).click();
    },
  );
  await take('gallery.webp', DESKTOP, async (page) => {
    await seeLoaded(page, landscapes.length);
    await page.getByText(`${landscapes.length} pictures`).waitFor();
  });
  await take('gallery-lightbox.webp', DESKTOP, async (page) => {
    await open(page, 'blue-hour.webp');
    await page.getByRole('button', { name: 'Details' }).click();
    await page.getByRole('complementary', { name: 'Details' }).waitFor();
  });
  await take('gallery-phone.webp', PHONE, (page) => seeLoaded(page, 8));
  await take('gallery-phone-dark.webp', { ...PHONE, colorScheme: 'dark' }, async (page) => {
    await page.getByRole('checkbox', { name: 'Select lavender.png' }).check();
    await page.getByRole('checkbox', { name: 'Select moonrise.webp' }).check();
    await seeLoaded(page, 8);
  });
}

function upload(page: Page, files: readonly Landscape[]): Promise<void> {
  return page.getByLabel('Upload: files', { exact: true }).setInputFiles([...files]);
}

async function seeLoaded(page: Page, count: number): Promise<void> {
  const loaded = page.locator('.thumbnail[data-loaded="true"]');
  await loaded.nth(count - 1).waitFor();
}

async function open(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: new RegExp(`^${name}, `) }).click();
  await page.locator('.full[data-loaded="true"]').waitFor();
}

/** In bytes a second; -1 is no limit. */
async function limitUploads(page: Page, uploadThroughput: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.emulateNetworkConditions', {
    ...{ offline: false, latency: 20 },
    ...{ downloadThroughput: -1, uploadThroughput },
  });
}

/** Resolves when an upload is well under way. */
async function seePart(page: Page): Promise<void> {
  const bars = ['3', '4', '5'].map((tens) => `.tile-progress progress[value^="${tens}"]`);
  await page.locator(bars.join()).first().waitFor();
}

function largestFirst(files: readonly Landscape[]): Landscape[] {
  return [...files].sort((one, other) => other.buffer.length - one.buffer.length);
}

/** A PNG that says it is a JPEG. */
async function liar(): Promise<Landscape> {
  const buffer = await sharp(Buffer.from(cactus())).png().toBuffer();
  return { name: 'cactus.jpg', mimeType: 'image/jpeg', buffer };
}
