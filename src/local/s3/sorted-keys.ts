import { compareUtf8 } from './utf8-order.ts';

/** Above this many waiting additions one sort is cheaper than an insertion each. */
const INSERT_LIMIT = 64;

/** The keys of a bucket in UTF-8 byte order. */
export interface SortedKeys {
  add(key: string): void;
  remove(key: string): void;
  at(index: number): string | undefined;
  /** The first index whose key is greater than `key`, or not less with `inclusive`. */
  indexAfter(key: string, inclusive?: boolean): number;
  /** The first index from `start` on whose key does not begin with `prefix`. */
  indexAfterPrefix(prefix: string, start: number): number;
}

/** Additions wait until someone looks, so that reading 100,000 keys at start sorts them once. */
export function createSortedKeys(): SortedKeys {
  let keys: string[] = [];
  let waiting: string[] = [];

  /** The first index from `low` on for which `isRight` holds, given that it holds from there on. */
  function search(low: number, isRight: (key: string) => boolean): number {
    let from = low;
    let to = keys.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const key = keys[middle];
      if (key === undefined || isRight(key)) to = middle;
      else from = middle + 1;
    }
    return from;
  }

  function settle(): void {
    if (waiting.length === 0) return;
    if (waiting.length > INSERT_LIMIT) {
      keys = keys.concat(waiting).sort(compareUtf8);
    } else {
      for (const added of waiting) {
        keys.splice(
          search(0, (key) => compareUtf8(key, added) > 0),
          0,
          added,
        );
      }
    }
    waiting = [];
  }

  function indexAfter(key: string, inclusive = false): number {
    settle();
    return search(0, (other) => {
      const order = compareUtf8(other, key);
      return inclusive ? order >= 0 : order > 0;
    });
  }

  return {
    add: (key) => {
      waiting.push(key);
    },
    remove: (key) => {
      const index = indexAfter(key, true);
      if (keys[index] === key) keys.splice(index, 1);
    },
    at: (index) => {
      settle();
      return keys[index];
    },
    indexAfter,
    indexAfterPrefix: (prefix, start) => {
      settle();
      return search(start, (key) => !key.startsWith(prefix));
    },
  };
}
