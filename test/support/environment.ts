import { TestEnvironment } from 'jest-environment-node';

/** How long the event loop gets to finish closing what a test file has closed, in milliseconds. */
const GRACE_MS = 3_000;

/** Handles that keep a process alive; the runner's own timers and pipes come and go. */
const COUNTED = /^(TCP|Process|FSEvent|StatWatcher|Worker|MessagePort)/;

function openHandles(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => COUNTED.test(kind));
}

function countOf(kinds: string[], kind: string): number {
  return kinds.filter((other) => other === kind).length;
}

/** A test file that leaves a socket, a server or a child process behind fails. */
export default class LeakCheckingEnvironment extends TestEnvironment {
  #before: string[] = [];

  override async setup(): Promise<void> {
    await super.setup();
    this.#before = openHandles();
  }

  override async teardown(): Promise<void> {
    const leaked = await this.#leakedHandles();
    await super.teardown();
    if (leaked.length > 0) {
      throw new Error(`This test file left handles open: ${leaked.join(', ')}`);
    }
  }

  async #leakedHandles(): Promise<string[]> {
    const deadline = Date.now() + GRACE_MS;
    for (;;) {
      const now = openHandles();
      const leaked = [...new Set(now)].filter(
        (kind) => countOf(now, kind) > countOf(this.#before, kind),
      );
      if (leaked.length === 0 || Date.now() >= deadline) return leaked;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}
