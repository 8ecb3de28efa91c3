/** Screenshots and tests look at the page with the same browser. */
export { CHROMIUM, launchBrowser } from '../../scripts/screenshots/chromium.ts';
