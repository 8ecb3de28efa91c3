import { setTimeout as delay } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';
import { eventually } from './eventually.ts';

/** A file as a visitor picks, drops or pastes it. */
export interface PickedFile {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

/** The page's parts by the names that a visitor, or a screen reader, knows them by. */
export function partsOf(page: Page) {
  const pictures = page.getByRole('list', { name: 'Pictures' });
  return {
    pictures,
    tiles: pictures.getByRole('listitem'),
    /** The tiles whose picture is there, from the service. */
    loaded: pictures.locator('.thumbnail[data-loaded="true"]'),
    tile: (name: string | RegExp): Locator =>
      pictures.locator('.tile-open').and(page.getByRole('button', { name })),
    button: (name: string | RegExp): Locator => page.getByRole('button', { name, exact: true }),
    count: page.getByRole('region', { name: 'Filters' }).getByRole('status'),
    messages: page.getByRole('region', { name: 'Messages' }),
    lightbox: page.getByRole('dialog'),
    full: page.locator('.full[data-loaded="true"]'),
  };
}

/** Picks files in the dialog that the button opens. */
export async function pick(page: Page, files: PickedFile[], button = 'Upload'): Promise<void> {
  const opened = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: button, exact: true }).click();
  await (await opened).setFiles(files);
}

/**
 * From now on the page's time stands still until a test moves it: what is allowed for some seconds,
 * such as Undo, is allowed for as long as a slow machine needs. Needs `page.clock.install()`.
 */
export async function stopClock(page: Page): Promise<void> {
  // It can only be moved forward, and a busy page may hear of it late.
  await page.clock.pauseAt(Date.now() + 60_000);
}

/**
 * Resolves with what `work` does on a page whose clock is stopped, and lets the clock creep
 * meanwhile: by so little that nothing ends, and enough for timers that only let others have a turn.
 */
export async function whileTimeCreeps<T>(page: Page, work: Promise<T>): Promise<T> {
  let isOver = false;
  const done = work.finally(() => {
    isOver = true;
  });
  done.catch(() => {}); // rejects below
  while (!isOver) {
    await page.clock.runFor(1);
    await delay(20);
  }
  return done;
}

/** The names of the tiles in the document, in the order of the grid. */
export function tileNames(page: Page): Promise<string[]> {
  return page.evaluate<string[]>('inPage.tileNames()');
}

/** Drags files over the page, lets them fall on it, or pastes them. */
export async function handOver(
  page: Page,
  how: 'drag' | 'drop' | 'paste',
  files: PickedFile[],
): Promise<void> {
  const inPage = files.map(({ name, mimeType, buffer }) => ({
    name,
    type: mimeType,
    base64: buffer.toString('base64'),
  }));
  await page.evaluate(`inPage.handOver(${JSON.stringify(how)}, ${JSON.stringify(inPage)})`);
}

/** Resolves when as many are there as should be. */
export async function seeCount(locator: Locator, count: number): Promise<void> {
  await eventually(async () => {
    const found = await locator.count();
    if (found !== count) throw new Error(`${found} instead of ${count}: ${locator}`);
  });
}
