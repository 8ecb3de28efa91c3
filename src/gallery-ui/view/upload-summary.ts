import type { Gallery, Tile } from '../model.ts';

/** How the uploads since the page was last idle stand. */
export interface UploadTotals {
  readonly total: number;
  /** Ready in the gallery. */
  readonly done: number;
  /** Not uploaded, or refused by the service. */
  readonly failed: number;
}

export interface UploadSummary {
  subscribe(listener: () => void): () => void;
  get(): UploadTotals;
  close(): void;
}

type Source = Pick<Gallery, 'subscribe' | 'subscribeTile' | 'getSnapshot' | 'getTile'>;

type Outcome = 'under way' | 'done' | 'failed';

const NONE: UploadTotals = { total: 0, done: 0, failed: 0 };

/**
 * Counts this tab's uploads. A tile tells of each step of its own; only a change of outcome is passed
 * on, so that progress does not reach the whole page.
 */
export function createUploadSummary(gallery: Source): UploadSummary {
  const outcomes = new Map<string, Outcome>();
  const unsubscribes = new Map<string, () => void>();
  const seen = new Set<string>();
  const listeners = new Set<() => void>();
  let totals = NONE;

  function publish(): void {
    const next = count(outcomes.values());
    if (next.total !== totals.total || next.done !== totals.done || next.failed !== totals.failed) {
      totals = next;
      for (const listener of listeners) {
        listener();
      }
    }
  }

  function stopWatching(key: string): void {
    unsubscribes.get(key)?.();
    unsubscribes.delete(key);
  }

  function update(key: string): void {
    const outcome = outcomeOf(gallery.getTile(key));
    if (outcome === 'gone') {
      outcomes.delete(key);
      if (!gallery.getTile(key)) {
        stopWatching(key);
      }
    } else if (outcomes.has(key) || outcome === 'under way') {
      outcomes.set(key, outcome);
    }
  }

  function startAgain(): void {
    for (const [key, outcome] of outcomes) {
      // A failed or canceled one may be tried again: then it counts again.
      if (outcome === 'done') {
        stopWatching(key);
      }
    }
    outcomes.clear();
  }

  function watch(key: string): void {
    seen.add(key);
    outcomes.set(key, 'under way');
    const onChange = () => {
      update(key);
      publish();
    };
    unsubscribes.set(key, gallery.subscribeTile(key, onChange));
    update(key);
  }

  function lookForMore(): void {
    for (const key of [...unsubscribes.keys()]) {
      update(key);
    }
    const added = newUploads(gallery, seen);
    if (added.length > 0 && underWay(count(outcomes.values())) === 0) {
      startAgain();
    }
    added.forEach(watch);
    publish();
  }

  const unsubscribe = gallery.subscribe(lookForMore);
  lookForMore();

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    get: () => totals,
    close() {
      unsubscribe();
      [...unsubscribes.keys()].forEach(stopWatching);
    },
  };
}

/** This tab's uploads come before all other tiles, so that the search ends at the first of these. */
function newUploads(gallery: Source, seen: ReadonlySet<string>): string[] {
  const added: string[] = [];
  for (const key of gallery.getSnapshot().keys) {
    if (!seen.has(key)) {
      if (!gallery.getTile(key)?.upload) {
        break;
      }
      added.push(key);
    }
  }
  return added;
}

/** How many are neither done nor failed. */
export function underWay({ total, done, failed }: UploadTotals): number {
  return total - done - failed;
}

function outcomeOf(tile: Tile | undefined): Outcome | 'gone' {
  if (!tile || tile.upload?.state === 'canceled') {
    return 'gone';
  }
  if (tile.upload) {
    return tile.upload.state === 'failed' ? 'failed' : 'under way';
  }
  return tile.image?.status === 'FAILED' ? 'failed' : 'done';
}

function count(outcomes: Iterable<Outcome>): UploadTotals {
  const totals = { total: 0, done: 0, failed: 0 };
  for (const outcome of outcomes) {
    totals.total += 1;
    if (outcome !== 'under way') {
      totals[outcome] += 1;
    }
  }
  return totals;
}
