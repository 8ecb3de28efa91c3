import { type Api, MAX_IDS } from '../api/api.ts';
import type { Received } from '../api/images.ts';
import type { OpenStream } from '../api/live-stream.ts';
import type { Environment } from '../environment.ts';
import { chunks } from './chunks.ts';
import { retryDelay } from './retry-delay.ts';

/** Follows PENDING images until they are READY or FAILED. */
export interface Live {
  /** Until it settles, or is forgotten. */
  watch(imageId: string): void;
  forget(imageId: string): void;
  /** Takes the place of those that were on screen before. */
  watchOnScreen(imageIds: readonly string[]): void;
  /** The connection may be dead without anybody having said so. */
  reconnect(): void;
  close(): void;
}

export interface LiveDeps {
  env: Pick<Environment, 'after'>;
  api: Pick<Api, 'images'>;
  openStream: OpenStream;
  receive(received: Received): void;
  /** The service knows no such image any more. */
  gone(imageId: string): void;
}

/**
 * All images share one stream: browsers open no more than six connections to a host, and each would
 * be one. So many fit into it; the others wait until there is room, and are polled meanwhile.
 */
const MAX_STREAM_IDS = 100;
/** How long ids are gathered for the next stream, in milliseconds, without one and beside one. */
const GATHER_MS = 100;
const GATHER_MORE_MS = 1_000;
/** How often is asked anyway: nobody tells when a connection has silently died. */
const SLOW_POLL_MS = 20_000;
/** How often while there is no stream. */
const FALLBACK_POLL_MS = 4_000;

export function createLive({ env, api, openStream, receive, gone }: LiveDeps): Live {
  const watched = new Set<string>();
  let onScreen = new Set<string>();
  let stream: { ids: Set<string>; close(): void } | null = null;
  let failures = 0;
  let closed = false;
  let polling = false;
  let opening: (() => void) | null = null;
  let nextPoll: (() => void) | null = null;

  const wanted = (): Set<string> => new Set([...watched, ...onScreen]);

  function settled(id: string): void {
    watched.delete(id);
    onScreen.delete(id);
    stream?.ids.delete(id);
  }

  function take(received: Received): void {
    if (received.image.status !== 'PENDING') settled(received.image.id);
    receive(received);
  }

  function closeStream(): void {
    stream?.close();
    stream = null;
  }

  function open(): void {
    opening = null;
    closeStream();
    const ids = [...wanted()].slice(0, MAX_STREAM_IDS);
    if (ids.length === 0) return;
    const close = openStream(ids, {
      onImage(received) {
        failures = 0;
        take(received);
        update();
      },
      onComplete() {
        const unheard = [...(stream?.ids ?? [])].filter((id) => wanted().has(id));
        stream = null;
        // Ended without a word of them: they may be gone. Should they not, then not at once again.
        if (unheard.length > 0) failures += 1;
        void poll(unheard).then(update);
      },
      onBroken() {
        stream = null;
        failures += 1;
        // The next poll may be planned for a time with a stream.
        nextPoll?.();
        nextPoll = null;
        update();
      },
    });
    stream = { ids: new Set(ids), close };
    schedulePoll();
  }

  /** Whether another stream is worth it: one for all, or at least for many more. */
  function isWorthAnother(ids: Set<string>): boolean {
    const open = stream?.ids;
    if (open === undefined) return true;
    const kept = [...ids].filter((id) => open.has(id)).length;
    const missing = ids.size - kept;
    return missing > 0 && (ids.size <= MAX_STREAM_IDS || kept <= MAX_STREAM_IDS / 2);
  }

  function update(): void {
    if (closed) return;
    const ids = wanted();
    if (ids.size === 0) {
      closeStream();
      opening?.();
      nextPoll?.();
      opening = nextPoll = null;
      failures = 0;
      return;
    }
    schedulePoll();
    if (opening !== null || !isWorthAnother(ids)) return;
    const gather = stream === null ? GATHER_MS : GATHER_MORE_MS;
    opening = env.after(failures === 0 ? gather : retryDelay(failures), open);
  }

  function schedulePoll(): void {
    if (closed || nextPoll !== null) return;
    const ms = failures > 0 ? FALLBACK_POLL_MS : SLOW_POLL_MS;
    nextPoll = env.after(ms, () => {
      nextPoll = null;
      // The longest waiting first, and no more of them than a stream would take.
      void poll([...wanted()].slice(0, MAX_STREAM_IDS)).then(update);
    });
  }

  async function poll(ids: string[]): Promise<void> {
    if (polling) return;
    polling = true;
    for (const some of chunks(ids, MAX_IDS)) {
      const answer = await api.images(some);
      if (closed || !answer.ok) break;
      some.forEach((id, index) => {
        const received = answer.data[index] ?? null;
        if (received !== null) take(received);
        else {
          settled(id);
          gone(id);
        }
        // To the end of the line.
        if (watched.delete(id)) watched.add(id);
      });
    }
    polling = false;
  }

  return {
    watch(id) {
      watched.add(id);
      update();
    },
    forget(id) {
      settled(id);
      update();
    },
    watchOnScreen(ids) {
      onScreen = new Set(ids);
      update();
    },
    reconnect() {
      failures = 0;
      closeStream();
      opening?.();
      nextPoll?.();
      opening = nextPoll = null;
      update();
    },
    close() {
      closed = true;
      closeStream();
      opening?.();
      nextPoll?.();
    },
  };
}
