import type { Snapshot } from '../model.ts';
import { createListeners } from './listeners.ts';

/** The one snapshot: another object whenever something in it is another, and only then. */
export interface Snapshots {
  get(): Snapshot;
  patch(change: Partial<Snapshot>): void;
  subscribe(listener: () => void): () => void;
}

export function createSnapshots(initial: Snapshot): Snapshots {
  const listeners = createListeners();
  let snapshot = initial;
  return {
    get: () => snapshot,
    patch(change) {
      const next = { ...snapshot, ...change };
      const fields = Object.keys(change) as (keyof Snapshot)[];
      if (fields.every((field) => snapshot[field] === next[field])) return;
      snapshot = next;
      listeners.tell();
    },
    subscribe: listeners.add,
  };
}
