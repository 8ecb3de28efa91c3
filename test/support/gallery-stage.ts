import path from 'node:path';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import type { StackFile } from '../../src/local/stack-file.ts';
import { launchBrowser } from './browser.ts';
import { findPorts } from './ports.ts';
import { makeStackState } from './stack.ts';

/** The gallery as `npm start` runs it, and a browser to visit it with. */
export interface GalleryStage {
  stack: StackFile;
  /** A visitor of their own: nothing is shared with the others. */
  visit(options?: VisitOptions): Promise<Visit>;
  close(): Promise<void>;
}

export interface VisitOptions extends BrowserContextOptions {
  /** Such as `?status=failed`. */
  search?: string;
  /** Runs before the page is loaded. */
  before?: (page: Page) => Promise<unknown>;
}

export interface Visit {
  page: Page;
  context: BrowserContext;
  /** Whatever is under way: a route that is still being answered fails nobody's test. */
  close(): Promise<void>;
  /** What went wrong behind the page: uncaught errors, violations of its policy. */
  problems: string[];
}

/** A busy machine is slow; nothing waits this long when all is well. In milliseconds. */
const PATIENCE_MS = 60_000;

const IN_PAGE = path.resolve(import.meta.dirname, '../fixtures/gallery/in-page.js');

export async function startGalleryStage(
  environment: Record<string, string> = {},
): Promise<GalleryStage> {
  const state = await makeStackState();
  let browser: Browser | undefined;
  const close = async () => {
    await browser?.close();
    await state.remove();
  };
  try {
    const run = state.run(await findPorts(), environment);
    browser = await launchBrowser();
    const stack = await run.ready();
    return { stack, visit: (options) => visit(browser, stack.api, options), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function visit(
  browser: Browser | undefined,
  api: string,
  { search = '', before, ...options }: VisitOptions = {},
): Promise<Visit> {
  if (!browser) throw new Error('the browser has not been started');
  const context = await browser.newContext({
    viewport: { width: 1200, height: 800 },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    // Nothing is to be waited for, and half-faded text has no contrast.
    reducedMotion: 'reduce',
    ...options,
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.message}`));
  page.on('console', (message) => {
    // Chromium reports each there, also those that happen before any script runs.
    if (/Content.Security.Policy|Trusted ?Type/i.test(message.text())) {
      problems.push(`policy: ${message.text()}`);
    }
  });
  await page.addInitScript({ path: IN_PAGE });
  await before?.(page);
  await page.goto(`${api}/${search}`);
  // Loaded is not drawn: on a busy machine there is nothing to press or drop on yet.
  await page.locator('main').waitFor();
  async function close(): Promise<void> {
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await context.close();
  }
  return { page, context, close, problems };
}
