import { type ImageState, MAX_IDS_PER_QUERY } from './media-api.ts';
import { describeProblem, Problem } from './problem.ts';

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 500;
const DELAY_GROWTH = 1.5;
/** Images due this soon are asked for together with those due now. */
const TOGETHER_MS = 25;

interface Waiting {
  id: string;
  delayMs: number;
  dueAt: number;
  givenUpAt: number;
  resolve(state: ImageState): void;
  reject(error: unknown): void;
}

export interface StatusPoller {
  /**
   * Resolves when the image is no longer PENDING. Throws Problem when it still is after the
   * timeout, or when there is no such image; the signal's reason on abort.
   */
  untilSettled(id: string): Promise<ImageState>;
}

/** One poller for any number of images, so that many waiting files cost the API few requests. */
export function createStatusPoller(options: {
  imageStates(ids: string[]): Promise<ImageState[]>;
  timeoutMs: number;
  signal: AbortSignal;
}): StatusPoller {
  const { imageStates, timeoutMs, signal } = options;
  const waiting = new Map<string, Waiting>();
  let timer: NodeJS.Timeout | undefined;
  let asking = false;

  signal.addEventListener('abort', () => {
    clearTimeout(timer);
    for (const { reject } of waiting.values()) reject(signal.reason);
    waiting.clear();
  });

  /** Sleeps until the next image is due; a new one may be due earlier than those before it. */
  function schedule(): void {
    clearTimeout(timer);
    if (asking || waiting.size === 0) return;
    let nextDueAt = Number.POSITIVE_INFINITY;
    for (const { dueAt } of waiting.values()) nextDueAt = Math.min(nextDueAt, dueAt);
    timer = setTimeout(() => void poll(), Math.max(0, nextDueAt - performance.now()));
  }

  async function poll(): Promise<void> {
    asking = true;
    const horizon = performance.now() + TOGETHER_MS;
    const due = [...waiting.values()]
      .filter(({ dueAt }) => dueAt <= horizon)
      // Longest due first: with more than fit into one question, everybody gets a turn.
      .sort((one, other) => one.dueAt - other.dueAt)
      .slice(0, MAX_IDS_PER_QUERY);
    try {
      const states = await imageStates(due.map(({ id }) => id));
      const stateOf = new Map(states.map((state) => [state.id, state]));
      for (const entry of due) take(entry, stateOf.get(entry.id));
    } catch (error) {
      // One lost answer says nothing about the images: keep asking until their time is up.
      for (const entry of due) postpone(entry, describeProblem(error));
    } finally {
      asking = false;
      schedule();
    }
  }

  function take(entry: Waiting, state: ImageState | undefined): void {
    if (state?.status === 'PENDING') {
      postpone(entry, null);
      return;
    }
    waiting.delete(entry.id);
    if (state === undefined) entry.reject(new Problem('the API has no image with this id'));
    else entry.resolve(state);
  }

  function postpone(entry: Waiting, fault: string | null): void {
    const now = performance.now();
    if (now >= entry.givenUpAt) {
      waiting.delete(entry.id);
      const reason = fault === null ? '' : ` (${fault})`;
      entry.reject(new Problem(`still pending after ${timeoutMs / 1000} s${reason}`));
      return;
    }
    entry.delayMs = Math.min(entry.delayMs * DELAY_GROWTH, LONGEST_DELAY_MS);
    entry.dueAt = Math.min(now + entry.delayMs, entry.givenUpAt);
  }

  return {
    untilSettled(id) {
      const { promise, resolve, reject } = Promise.withResolvers<ImageState>();
      if (signal.aborted) return Promise.reject(signal.reason);
      const now = performance.now();
      waiting.set(id, {
        id,
        delayMs: FIRST_DELAY_MS,
        dueAt: now + FIRST_DELAY_MS,
        givenUpAt: now + timeoutMs,
        resolve,
        reject,
      });
      schedule();
      return promise;
    },
  };
}
