import type { Environment } from '../environment.ts';

export interface SleepWatch {
  /** Looks now, since somebody may just have come back. */
  look(): void;
  close(): void;
}

const TICK_MS = 15_000;
/** Tabs in the background tick once a minute; that is no sleep. */
const SLEPT_MS = 90_000;

/**
 * Tells when much more time, or less, has passed than it should have: the computer was asleep, or its
 * clock was set.
 */
export function watchSleep(
  env: Pick<Environment, 'now' | 'after'>,
  onJump: () => void,
): SleepWatch {
  let expected = env.now();
  let cancel = (): void => {};

  function look(): void {
    const now = env.now();
    const jumped = Math.abs(now - expected) > SLEPT_MS;
    cancel();
    expected = now + TICK_MS;
    cancel = env.after(TICK_MS, look);
    if (jumped) onJump();
  }

  look();
  return { look, close: () => cancel() };
}
