/** The largest of the values of late, so that everybody who asks within that time sees it. */
export interface RecentMax {
  record(value: number): void;
  /** 0 where there was none. */
  read(): number;
}

/** Remembers each value for one to two windows. */
export function createRecentMax(windowMs: number, now = () => performance.now()): RecentMax {
  let current = 0;
  let previous = 0;
  let currentSince = now();

  function turn(): void {
    const windows = Math.floor((now() - currentSince) / windowMs);
    if (windows === 0) return;
    previous = windows === 1 ? current : 0;
    current = 0;
    currentSince += windows * windowMs;
  }

  return {
    record(value) {
      turn();
      current = Math.max(current, value);
    },
    read() {
      turn();
      return Math.max(current, previous);
    },
  };
}
