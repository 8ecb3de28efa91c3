import type { Environment } from '../environment.ts';

/** How often a request is sent at most. */
const TRIES = 3;
/** Whoever looks at the page waits that long, in milliseconds, and no longer. */
const LONGEST_WAIT_MS = 5_000;

/**
 * Like `fetch`, but sends a request again when the service has said that it had too much to do and when
 * to come back. It refuses before it has done anything, so that this is safe for whatever is sent.
 * Gives back the last refusal when it goes on.
 */
export function makePatientFetch(
  fetch: Environment['fetch'],
  after: Environment['after'],
): Environment['fetch'] {
  return async (input, init) => {
    for (let tries = 1; ; tries += 1) {
      const response = await fetch(input, init);
      const waitMs = retryAfterMs(response);
      if (waitMs === null || tries === TRIES) return response;
      await new Promise<void>((resolve) => after(waitMs, resolve));
    }
  };
}

/** Null unless it is a 503 that says, in seconds, when to come back, and that is soon. */
function retryAfterMs({ status, headers }: Response): number | null {
  const retryAfter = headers.get('retry-after');
  if (status !== 503 || retryAfter === null || !/^\d+$/.test(retryAfter)) return null;
  const waitMs = Number(retryAfter) * 1000;
  return waitMs <= LONGEST_WAIT_MS ? waitMs : null;
}
