import {
  type FocusEvent,
  type RefObject,
  useCallback,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { indexOfKey, moveInGrid } from '../view/grid-movement.ts';

interface Place {
  readonly key: string | undefined;
  readonly index: number;
}

/** The one tile that Tab leads to; its key is undefined in an empty grid. */
export interface RovingTile extends Place {
  /** Moves the focus; false for keys that do not move it. */
  move(key: string, ctrl: boolean, pageRows: number): boolean;
  /** Focuses a tile; the one in its place where it is gone, and the active one without a key. */
  focus(key?: string): void;
  onFocus(event: FocusEvent): void;
}

/** A grid is one stop of the Tab key; within it the arrow keys move. */
export function useRovingTile(
  grid: RefObject<HTMLElement | null>,
  keys: readonly string[],
  columns: number,
): RovingTile {
  const [place, setPlace] = useState<Place>({ key: keys[0], index: 0 });
  const wantsFocus = useRef(false);

  const found = place.key === undefined ? -1 : indexOfKey(keys, place.key, place.index);
  // Where it is gone, the one in its place.
  const index = found >= 0 ? found : Math.max(0, Math.min(place.index, keys.length - 1));
  const key = keys[index];
  if (key !== place.key || index !== place.index) {
    setPlace({ key, index });
  }

  useLayoutEffect(() => {
    if (wantsFocus.current) {
      wantsFocus.current = false;
      // Its row is rendered wherever it is; this brings it on screen.
      grid.current?.querySelector<HTMLElement>(`[data-index="${index}"] .tile-open`)?.focus();
    }
  });

  const focusAt = useCallback((next: Place) => {
    wantsFocus.current = true;
    // A new object: renders, and so focuses, also where the place is the same.
    setPlace({ ...next });
  }, []);

  return {
    key,
    index,
    move(pressed, ctrl, pageRows) {
      const next = moveInGrid(pressed, ctrl, { index, count: keys.length, columns, pageRows });
      if (next !== null) {
        focusAt({ key: keys[next], index: next });
      }
      return next !== null;
    },
    focus(wanted) {
      const at = wanted === undefined ? -1 : indexOfKey(keys, wanted, index);
      focusAt(at >= 0 ? { key: wanted, index: at } : { key, index });
    },
    onFocus(event) {
      const tile = event.target.closest<HTMLElement>('[data-index]');
      const at = Number(tile?.dataset.index ?? -1);
      if (keys[at] !== undefined && keys[at] !== key) {
        setPlace({ key: keys[at], index: at });
      }
    },
  };
}
