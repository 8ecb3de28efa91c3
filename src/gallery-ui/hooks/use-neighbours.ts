import { useEffect, useRef } from 'react';
import type { Gallery, Snapshot } from '../model.ts';
import { indexOfKey, nextIndex } from '../view/grid-movement.ts';

/** The readable pictures around one; null where there is none. */
export interface Neighbours {
  readonly previous: string | null;
  readonly next: string | null;
  first(): string | null;
  last(): string | null;
  /** For example `3 of 1,234`. */
  readonly position: string;
}

/** Pictures short of the last one at which more are loaded. */
const AHEAD = 6;

const COUNT = new Intl.NumberFormat('en');

/** Knows what is before and after a picture, and has it loaded by the time it is asked for. */
export function useNeighbours(
  gallery: Gallery,
  snapshot: Snapshot,
  key: string,
  preload: boolean,
): Neighbours {
  const { keys, hasMore, totalCount } = snapshot;
  const lastSeen = useRef(-1);
  const index = indexOfKey(keys, key, lastSeen.current);
  useEffect(() => {
    lastSeen.current = index;
  });

  const isReadable = (other: string) => gallery.getTile(other)?.image?.status === 'READY';
  const from = (start: number, step: 1 | -1) =>
    keys[nextIndex(keys, start, step, isReadable)] ?? null;
  const previous = index < 0 ? null : from(index, -1);
  const next = index < 0 ? null : from(index, 1);

  const isNearEnd = index >= keys.length - AHEAD;
  useEffect(() => {
    if (isNearEnd && hasMore) {
      gallery.loadMore();
    }
  }, [gallery, isNearEnd, hasMore]);

  useEffect(() => {
    if (!preload) {
      return;
    }
    for (const neighbour of [next, previous]) {
      if (neighbour !== null) {
        // What cannot be loaded ahead is asked for, and told, when it is opened.
        gallery.access(neighbour).then(
          ({ url }) => {
            new Image().src = url;
          },
          () => undefined,
        );
      }
    }
  }, [gallery, preload, next, previous]);

  const known = Math.max(totalCount ?? 0, keys.length);
  return {
    previous,
    next,
    first: () => from(-1, 1),
    last: () => from(keys.length, -1),
    position: index < 0 ? '' : `${COUNT.format(index + 1)} of ${COUNT.format(known)}`,
  };
}
