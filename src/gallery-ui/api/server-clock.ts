import type { Environment } from '../environment.ts';

/** The time of the service, told by a clock that may be hours off. */
export interface ServerClock {
  /** Milliseconds since 1970, as the service would say: what expiries are compared with. */
  now(): number;
  /** A time of the service's, as this computer's clock will show it. */
  toLocal(serverTime: number): number;
  /** False when it may have been set since the service was last heard: then `now` means nothing. */
  isTrusted(): boolean;
  distrust(): void;
  /** Learns from an answer of the service's, asked for at `sentAt` by this computer's clock. */
  learn(response: Response, sentAt: number): void;
}

// The header has whole seconds, cut off.
const MEAN_ROUNDING_MS = 500;

export function createServerClock(env: Pick<Environment, 'now'>): ServerClock {
  // Until an answer says otherwise, the two agree.
  let offset = 0;
  let trusted = true;
  return {
    now: () => env.now() + offset,
    toLocal: (serverTime) => serverTime - offset,
    isTrusted: () => trusted,
    distrust() {
      trusted = false;
    },
    learn(response, sentAt) {
      // Also without the header: what was just signed is at least good now.
      trusted = true;
      const date = Date.parse(response.headers.get('date') ?? '');
      if (Number.isNaN(date)) return;
      // The answer was made between the two moments; the clock may have been set between them, too.
      const receivedAt = env.now();
      offset = date + MEAN_ROUNDING_MS - (Math.min(sentAt, receivedAt) + receivedAt) / 2;
    },
  };
}
