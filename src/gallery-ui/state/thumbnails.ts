import { type Api, MAX_IDS } from '../api/api.ts';
import type { Received } from '../api/images.ts';
import type { ServerClock } from '../api/server-clock.ts';
import type { Environment } from '../environment.ts';
import type { Tile } from '../model.ts';
import { retryDelay } from './retry-delay.ts';
import type { Tiles } from './tiles.ts';

/** Keeps the thumbnails of what is on screen signed. */
export interface Thumbnails {
  show(keys: Iterable<string>): void;
  broken(key: string): void;
  /** Looks whether anything has to be asked for; at once, also what has failed before. */
  check(): void;
  close(): void;
}

export interface ThumbnailsDeps {
  env: Pick<Environment, 'after' | 'isHidden'>;
  api: Pick<Api, 'images'>;
  clock: Pick<ServerClock, 'now' | 'isTrusted'>;
  tiles: Pick<Tiles, 'get' | 'change' | 'receive' | 'thumbnailStaleAt'>;
  /** The service knows no such image any more. */
  gone(key: string): void;
}

/** While somebody scrolls, what comes into view is asked for together. */
const COALESCE_MS = 50;
/** How long nothing is asked for a picture that has no thumbnail although it is READY. */
const MISSING_PAUSE_MS = 30_000;
/**
 * Waits before the first, second ... URL that is asked for because the last one was broken: a picture
 * that cannot be loaded with any URL must not be asked for again and again.
 */
const BROKEN_PAUSES_MS = [0, 10_000, 60_000];
const LAST_BROKEN_PAUSE_MS = 300_000;
const LONGEST_WAIT_MS = 15_000;

export function createThumbnails({ env, api, clock, tiles, gone }: ThumbnailsDeps): Thumbnails {
  let shown: ReadonlySet<string> = new Set();
  let asking = false;
  let closed = false;
  let failures = 0;
  let cancelTimer = (): void => {};
  // Keys that are not asked for before this time of the service's.
  const pauses = new Map<string, number>();
  const timesBroken = new Map<string, number>();

  function dueAt(tile: Tile): number {
    if (tile.image?.status !== 'READY') return Number.POSITIVE_INFINITY;
    // After a long sleep nobody knows what the time is; whatever the answer, it tells.
    const staleAt = clock.isTrusted() ? tiles.thumbnailStaleAt(tile) : 0;
    return Math.max(staleAt, pauses.get(tile.key) ?? 0);
  }

  function shownTiles(): Tile[] {
    return [...shown].flatMap((key) => tiles.get(key) ?? []);
  }

  function look(inMs: number): void {
    cancelTimer();
    if (!closed) cancelTimer = env.after(inMs, () => void ask());
  }

  function lookInTime(): void {
    const soonest = Math.min(...shownTiles().map(dueAt));
    cancelTimer();
    if (soonest === Number.POSITIVE_INFINITY) return;
    // Not much later than that: timers stand still while the computer sleeps.
    look(Math.min(Math.max(soonest - clock.now(), COALESCE_MS), LONGEST_WAIT_MS));
  }

  function take(key: string, received: Received | null): void {
    if (received === null) {
      gone(key);
      return;
    }
    tiles.receive(received);
    if (received.thumbnail === null) pauses.set(key, clock.now() + MISSING_PAUSE_MS);
  }

  async function ask(): Promise<void> {
    if (asking || closed || env.isHidden()) return;
    const due = shownTiles()
      .filter((tile) => dueAt(tile) <= clock.now())
      .slice(0, MAX_IDS);
    if (due.length === 0) return lookInTime();
    asking = true;
    const answer = await api.images(due.flatMap(({ image }) => image?.id ?? []));
    asking = false;
    if (closed) return;
    if (!answer.ok) {
      failures += 1;
      return look(retryDelay(failures));
    }
    failures = 0;
    for (const [index, { key }] of due.entries()) take(key, answer.data[index] ?? null);
    lookInTime();
  }

  return {
    show(keys) {
      shown = new Set(keys);
      if (failures === 0) lookInTime();
    },
    broken(key) {
      // Told already; or told of before the answer that is yet to come.
      if (!tiles.get(key)?.thumbnail) return;
      const times = timesBroken.get(key) ?? 0;
      timesBroken.set(key, times + 1);
      const pause = BROKEN_PAUSES_MS[times] ?? LAST_BROKEN_PAUSE_MS;
      pauses.set(key, clock.now() + pause);
      tiles.change(key, { thumbnail: null });
      if (failures === 0) lookInTime();
    },
    check() {
      failures = 0;
      pauses.clear();
      timesBroken.clear();
      lookInTime();
    },
    close() {
      closed = true;
      cancelTimer();
    },
  };
}
