/** Takes the pictures in docs/images of the gallery as it is now: `npm run screenshots`. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { launchBrowser } from './screenshots/chromium.ts';
import { drawLandscapes } from './screenshots/landscapes.ts';
import { takeScreenshots } from './screenshots/scenes.ts';
import { withTemporaryStack } from './screenshots/temporary-stack.ts';

const DIRECTORY = path.resolve(import.meta.dirname, '../docs/images');

await mkdir(DIRECTORY, { recursive: true });
const landscapes = await drawLandscapes();
await withTemporaryStack(async (api) => {
  const browser = await launchBrowser();
  try {
    await takeScreenshots({ browser, api, landscapes, directory: DIRECTORY });
  } finally {
    await browser.close();
  }
});
