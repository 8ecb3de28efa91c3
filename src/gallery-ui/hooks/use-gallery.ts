import { useCallback, useSyncExternalStore } from 'react';
import type { Gallery, Snapshot, Tile } from '../model.ts';

/** The snapshot; renders again when it is another one. */
export function useSnapshot(gallery: Gallery): Snapshot {
  return useSyncExternalStore(
    useCallback((listener) => gallery.subscribe(listener), [gallery]),
    () => gallery.getSnapshot(),
  );
}

/** One tile; renders again when this one has changed. */
export function useTile(gallery: Gallery, key: string): Tile | undefined {
  return useSyncExternalStore(
    useCallback((listener) => gallery.subscribeTile(key, listener), [gallery, key]),
    () => gallery.getTile(key),
  );
}
