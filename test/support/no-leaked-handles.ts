import { afterAll, beforeAll } from '@jest/globals';

/** How long the event loop gets to finish closing what a test file has closed, in milliseconds. */
const GRACE_MS = 3_000;

let before: string[] = [];

/** Handles that keep a process alive; timers of the runner itself come and go, so they do not count. */
function openHandles(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((kind) =>
      /^(TCP|Process|ChildProcess|FSEvent|StatWatcher|Worker|MessagePort)/.test(kind),
    );
}

function countOf(kinds: string[], kind: string): number {
  return kinds.filter((other) => other === kind).length;
}

beforeAll(() => {
  before = openHandles();
});

/** A test file that leaves a socket, a server or a child process behind fails. */
afterAll(async () => {
  const deadline = Date.now() + GRACE_MS;
  let leaked: string[] = [];
  do {
    const now = openHandles();
    leaked = [...new Set(now)].filter((kind) => countOf(now, kind) > countOf(before, kind));
    if (leaked.length === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  } while (Date.now() < deadline);
  throw new Error(`This test file left handles open: ${leaked.join(', ')}`);
});
