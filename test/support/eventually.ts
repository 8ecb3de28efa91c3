import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 40;

/**
 * Resolves with what `look` returns as soon as it does not throw (a failed `expect` throws); after
 * `seconds` it rejects with what `look` threw last. The one place in which tests poll: for what
 * happens in other processes and tells nobody. A minute is what a busy machine may need; nobody
 * waits for it where all is well.
 */
export async function eventually<T>(look: () => T | Promise<T>, seconds = 60): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() >= deadline) throw error;
    }
    await delay(PAUSE_MS);
  }
}
