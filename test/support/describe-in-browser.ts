import { existsSync } from 'node:fs';
import { describe } from '@jest/globals';
import { CHROMIUM } from './browser.ts';

const { skip } = describe;

/** `describe` where there is a Chromium; elsewhere its tests are skipped, loudly and countably. */
export function describeInBrowser(name: string, tests: () => void): void {
  if (existsSync(CHROMIUM)) {
    describe(name, tests);
    return;
  }
  process.stderr.write(
    `\nSKIPPED: "${name}" needs Chromium, and there is none at ${CHROMIUM} (CHROMIUM_PATH)\n\n`,
  );
  skip(name, tests);
}
