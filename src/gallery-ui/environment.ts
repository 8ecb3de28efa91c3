/** What of a browser the page's state needs; tests bring their own. */
export interface Environment {
  /** Where the page is: the service's paths are relative to it. */
  readonly baseUrl: string;
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  /** Milliseconds since 1970 by this computer's clock, which may be wrong, and may be set meanwhile. */
  now(): number;
  /** Calls `run` once after `ms` milliseconds, or later; the function it returns prevents that. */
  after(ms: number, run: () => void): () => void;
  createXhr(): XMLHttpRequest;
  createObjectUrl(file: Blob): string;
  revokeObjectUrl(url: string): void;
  /** False when the browser is sure that there is no network. */
  isOnline(): boolean;
  /** Whether nobody can see the page, such as in a tab in the background. */
  isHidden(): boolean;
  on(event: PageEvent, listener: () => void): () => void;
}

export type PageEvent =
  /** `isOnline` may have changed. */
  | 'connection'
  /** Somebody may be looking again, perhaps after a long time. */
  | 'wake'
  /** The page may never run again. */
  | 'leave';

const DOM_EVENTS: Record<PageEvent, readonly [target: 'window' | 'document', type: string][]> = {
  connection: [
    ['window', 'online'],
    ['window', 'offline'],
  ],
  wake: [
    ['document', 'visibilitychange'],
    ['window', 'focus'],
    ['window', 'pageshow'],
  ],
  leave: [['window', 'pagehide']],
};

/** The browser that this runs in. */
export function browserEnvironment(): Environment {
  return {
    baseUrl: document.baseURI,
    fetch: (input, init) => fetch(input, init),
    now: () => Date.now(),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    createXhr: () => new XMLHttpRequest(),
    createObjectUrl: (file) => URL.createObjectURL(file),
    revokeObjectUrl: (url) => URL.revokeObjectURL(url),
    isOnline: () => navigator.onLine,
    isHidden: () => document.visibilityState === 'hidden',
    on(event, listener) {
      const sources = DOM_EVENTS[event].map(
        ([target, type]) => [target === 'window' ? window : document, type] as const,
      );
      for (const [target, type] of sources) target.addEventListener(type, listener);
      return () => {
        for (const [target, type] of sources) target.removeEventListener(type, listener);
      };
    },
  };
}
