import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { describeInBrowser } from '../support/describe-in-browser.ts';
import { eventually } from '../support/eventually.ts';
import { findPorts } from '../support/ports.ts';
import { extractSnippets, type Snippets } from '../support/snippets.ts';
import { makeStackState, type StackState } from '../support/stack.ts';
import { type StaticServer, serveDirectory } from '../support/static-server.ts';
import { drawTinyImages } from '../support/tiny-images.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** As somebody else would make one with Vite. */
async function bundle(directory: string): Promise<string> {
  await cp(path.join(ROOT, 'test/fixtures/front-end'), directory, { recursive: true });
  const vite = path.join(ROOT, 'node_modules/vite/bin/vite.js');
  const options = ['--assetsDir', '.', '--logLevel', 'warn'];
  await promisify(execFile)(process.execPath, [vite, 'build', directory, ...options]);
  return path.join(directory, 'dist');
}

describeInBrowser('a front end of another origin', () => {
  let snippets: Snippets;
  let site: StaticServer;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    snippets = await extractSnippets('docs/gallery.md');
    site = await serveDirectory(await bundle(snippets.directory));
    browser = await launchBrowser();
  });

  afterAll(async () => {
    await browser.close();
    await site.close();
    await snippets.remove();
  });

  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1000, height: 700 } });
  });

  afterEach(() => page.close());

  /** Runs in the page, where test/fixtures/front-end/main.js has put `frontEnd`. */
  const run = <Result>(call: string) => page.evaluate<Result>(`frontEnd.${call}`);
  const callsOf = (what: 'loadMore' | 'refresh') => run<number>(`calls.${what}`);

  test('infinite scroll loads while the end is near, until there is no more', async () => {
    await page.goto(site.url);
    await run('growList()');
    // Near is 800 pixels below the window.
    await eventually(async () => expect(await callsOf('loadMore')).toBe(2));
    await page.evaluate('scrollTo(0, 900)');
    await eventually(async () => expect(await callsOf('loadMore')).toBe(3));
    await eventually(async () => {
      await page.evaluate('scrollTo(0, 99999)');
      expect(await callsOf('loadMore')).toBe(6);
    });
    await page.evaluate('scrollTo(0, 0)');
    await page.evaluate('scrollTo(0, 99999)');
    await page.evaluate(
      'new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)))',
    );
    expect(await callsOf('loadMore')).toBe(6);
  });

  test.each([0, 7_200_000, -7_200_000])(
    'signed URLs are asked for again a minute before they end (clock wrong by %i ms)',
    async (skewMs) => {
      await page.clock.install({ time: '2026-02-22T10:00:00Z' });
      // It moves by what is said here only: a second more or less is what this is about.
      await page.clock.pauseAt('2026-02-22T11:00:00Z');
      await page.goto(site.url);
      await run(`keepUrlsFresh(${skewMs})`);
      await page.clock.runFor(39_000);
      expect(await callsOf('refresh')).toBe(0);
      await page.clock.runFor(2_000);
      expect(await callsOf('refresh')).toBe(1);

      // A night with the lid closed: timers stand still, then everything is late.
      await page.clock.fastForward('08:00:00');
      await eventually(async () => expect(await callsOf('refresh')).toBe(2));
      await run('stopFresh()');
      await page.clock.runFor(600_000);
      expect(await callsOf('refresh')).toBe(2);
    },
  );

  test('a tab that is looked at again does not wait for its timers', async () => {
    await page.clock.install({ time: '2026-02-22T10:00:00Z' });
    await page.goto(site.url);
    await run('keepUrlsFresh(0)');
    await page.clock.setSystemTime('2026-02-22T12:00:00Z');
    expect(await callsOf('refresh')).toBe(0);
    await page.evaluate(`document.dispatchEvent(new Event('visibilitychange'))`);
    await eventually(async () => expect(await callsOf('refresh')).toBe(1));
  });

  describe('with Uppy', () => {
    let state: StackState;
    let api: string;

    beforeAll(async () => {
      state = await makeStackState();
      ({ api } = await state.run(await findPorts()).ready());
    });

    afterAll(() => state.remove());

    test('uploads through the API, and follows to the end', async () => {
      const pictures = await drawTinyImages();
      const files = [
        { name: 'a.png', type: 'image/png', bytes: [...pictures['image/png']] },
        { name: 'b ü.jpg', type: 'image/jpeg', bytes: [...pictures['image/jpeg']] },
        { name: 'liar.gif', type: 'image/gif', bytes: [...pictures['image/webp']] },
      ];
      await page.goto(site.url);
      expect(await run(`upload(${JSON.stringify(api)}, ${JSON.stringify(files)})`)).toEqual({
        statuses: { 'a.png': 'READY', 'b ü.jpg': 'READY', 'liar.gif': 'FAILED' },
        failed: [],
        progress: 1,
      });
    });

    test('says why the API refuses a file', async () => {
      const files = [{ name: 'a\u0001.png', type: 'image/png', bytes: [1, 2, 3] }];
      await page.goto(site.url);
      const refused = run<{ failed: string[] }>(
        `upload(${JSON.stringify(api)}, ${JSON.stringify(files)})`,
      );
      await expect(refused).resolves.toMatchObject({
        statuses: {},
        failed: [expect.stringMatching(/file ?name/i)],
      });
    });
  });
});
