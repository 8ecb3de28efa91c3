import type { Environment, PageEvent } from '../../../../src/gallery-ui/environment.ts';
import { createFakeXhrs, type FakeXhrs } from './fake-xhr.ts';

/** A browser whose time passes only when told to. */
export interface FakeBrowser {
  env: Environment;
  xhrs: FakeXhrs;
  /** The true time, in milliseconds since 1970. */
  time(): number;
  /** How much the browser's clock is ahead of that, in milliseconds. */
  skewMs: number;
  /** Runs the timers that are due meanwhile, each at its time. */
  advance(ms: number): void;
  /** Time passes without any timer having run; those that are overdue run at its end. */
  sleep(ms: number): void;
  setOnline(online: boolean): void;
  setHidden(hidden: boolean): void;
  fire(event: PageEvent): void;
  timers(): number;
  /** The blob: URLs that are not revoked. */
  objectUrls: Set<string>;
}

const START = Date.parse('2026-02-22T10:00:00Z');

export function createFakeBrowser(fetch: Environment['fetch']): FakeBrowser {
  let now = START;
  let online = true;
  let hidden = false;
  let madeUrls = 0;
  const timers = new Set<{ at: number; run: () => void }>();
  const listeners = new Map<PageEvent, Set<() => void>>();
  const xhrs = createFakeXhrs();
  const objectUrls = new Set<string>();

  function runDue(until: number): void {
    for (;;) {
      const [next] = [...timers].sort((one, other) => one.at - other.at);
      if (next === undefined || next.at > until) return;
      timers.delete(next);
      now = Math.max(now, next.at);
      next.run();
    }
  }

  function fire(event: PageEvent): void {
    for (const listener of [...(listeners.get(event) ?? [])]) listener();
  }

  const browser: FakeBrowser = {
    xhrs,
    skewMs: 0,
    objectUrls,
    time: () => now,
    advance(ms) {
      const end = now + ms;
      runDue(end);
      now = end;
    },
    sleep(ms) {
      now += ms;
      runDue(now);
    },
    setOnline(value) {
      online = value;
      fire('connection');
    },
    setHidden(value) {
      hidden = value;
      fire('wake');
    },
    fire,
    timers: () => timers.size,
    env: {
      baseUrl: 'https://pictures.example/below/',
      fetch,
      now: () => now + browser.skewMs,
      after(ms, run) {
        const timer = { at: now + ms, run };
        timers.add(timer);
        return () => timers.delete(timer);
      },
      createXhr: xhrs.create,
      createObjectUrl() {
        madeUrls += 1;
        const url = `blob:${madeUrls}`;
        objectUrls.add(url);
        return url;
      },
      revokeObjectUrl: (url) => void objectUrls.delete(url),
      isOnline: () => online,
      isHidden: () => hidden,
      on(event, listener) {
        const ofEvent = listeners.get(event) ?? new Set();
        listeners.set(event, ofEvent.add(listener));
        return () => ofEvent.delete(listener);
      },
    },
  };
  return browser;
}
