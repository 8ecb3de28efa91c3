import { useCallback, useState } from 'react';
import type { Gallery, Snapshot } from '../model.ts';
import { extendTo, keepOnly, NOTHING_SELECTED, toggle } from '../view/selection.ts';

export interface SelectionState {
  readonly keys: ReadonlySet<string>;
  /** Picks or drops one tile; with `range`, picks all from the last one picked to this one. */
  select(key: string, range: boolean): void;
  /** Without these, which are being deleted. */
  drop(keys: readonly string[]): void;
  clear(): void;
}

/** What is selected of the tiles that are in the gallery now. */
export function useSelection(gallery: Gallery, snapshot: Snapshot): SelectionState {
  const [selection, setSelection] = useState(NOTHING_SELECTED);

  // Another filter shows other pictures: nobody deletes what they do not see.
  const { query } = snapshot;
  const [queryOfSelection, setQueryOfSelection] = useState(query);
  if (queryOfSelection !== query) {
    setQueryOfSelection(query);
    setSelection(NOTHING_SELECTED);
  }
  // Some may have gone since they were picked.
  const { keys } = keepOnly(selection, (key) => isSelectable(gallery, key));

  const select = useCallback(
    (key: string, range: boolean) => {
      if (isSelectable(gallery, key)) {
        const order = gallery.getSnapshot().keys;
        setSelection((last) =>
          range
            ? extendTo(last, order, key, (other) => isSelectable(gallery, other))
            : toggle(last, key),
        );
      }
    },
    [gallery],
  );
  const drop = useCallback((gone: readonly string[]) => {
    setSelection((last) => keepOnly(last, (key) => !gone.includes(key)));
  }, []);
  const clear = useCallback(() => setSelection(NOTHING_SELECTED), []);

  return { keys, select, drop, clear };
}

/** Uploads under way have buttons of their own. */
function isSelectable(gallery: Gallery, key: string): boolean {
  const tile = gallery.getTile(key);
  return tile?.image != null && tile.upload === null;
}
