import { TestEnvironment } from 'jest-environment-node';

/**
 * How long the event loop gets to finish closing what a test file has closed, in milliseconds: only
 * a file that leaks waits for it, and a busy machine needs its time.
 */
const GRACE_MS = 10_000;

/** Handles that keep a process alive; the runner's own timers and pipes come and go. */
const COUNTED = /^(TCP|Process|FSEvent|StatWatcher|Worker|MessagePort)/;

function openHandles(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => COUNTED.test(kind));
}

function countOf(kinds: string[], kind: string): number {
  return kinds.filter((other) => other === kind).length;
}

/** Of what a witness says, the characters at its end. */
const TOLD = 6_000;

/**
 * A test file that leaves a socket, a server or a child process behind fails. When a test fails,
 * what is known beside its error is printed: see tell-on-failure.ts.
 */
export default class LeakCheckingEnvironment extends TestEnvironment {
  #before: string[] = [];
  #hasFailed = false;
  /** How many witnesses there are for the whole file. */
  #ofFile = 0;

  override async setup(): Promise<void> {
    await super.setup();
    this.#before = openHandles();
  }

  override async teardown(): Promise<void> {
    const leaked = await this.#leakedHandles();
    await super.teardown();
    if (leaked.length === 0) return;
    const problem = `This test file left handles open: ${leaked.join(', ')}`;
    // Thrown, it would take the place of what has failed, which is why they are open.
    if (!this.#hasFailed) throw new Error(problem);
    process.stderr.write(`${problem}\n`);
  }

  async handleTestEvent({ name }: { name: string }): Promise<void> {
    this.global.witnesses ??= [];
    const { witnesses } = this.global;
    if (name === 'test_start') this.#ofFile = witnesses.length;
    if (name === 'test_done') witnesses.length = this.#ofFile;
    if (name !== 'test_fn_failure' && name !== 'hook_failure') return;
    this.#hasFailed = true;
    for (const witness of witnesses) {
      const said = await Promise.resolve()
        .then(witness.said)
        .catch((error: unknown) => String(error));
      process.stderr.write(`\n--- ${witness.name} ---\n${said.slice(-TOLD)}\n`);
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
