import type { KeyboardEvent } from 'react';
import type { RovingTile } from './use-roving-tile.ts';
import type { SelectionState } from './use-selection.ts';

interface GridKeysOptions {
  roving: RovingTile;
  selection: SelectionState;
  /** In CSS pixels, with the gap. */
  rowHeight: number;
  onRemove: (keys: readonly string[]) => void;
}

/**
 * What the keyboard does in the grid: arrows move, Space selects, with Shift a range, Delete deletes,
 * Escape ends the selection. Enter is the tile's own: it opens the picture.
 */
export function useGridKeys(options: GridKeysOptions): (event: KeyboardEvent) => void {
  const { roving, selection, rowHeight, onRemove } = options;
  return (event) => {
    const { key } = roving;
    if (key === undefined || event.altKey) {
      return;
    }
    const pageRows = Math.max(1, Math.floor(window.innerHeight / Math.max(1, rowHeight)) - 1);
    if (roving.move(event.key, event.ctrlKey || event.metaKey, pageRows)) {
      event.preventDefault();
    } else if (event.key === 'Escape') {
      selection.clear();
    } else if (event.key === 'Delete') {
      onRemove(selection.keys.has(key) ? [...selection.keys] : [key]);
    } else if (event.key === ' ' && isTile(event.target)) {
      // Instead of opening the picture, as a button would.
      event.preventDefault();
      selection.select(key, event.shiftKey);
    }
  };
}

/** A checkbox, or a button on a tile, keeps Space for itself. */
function isTile(target: EventTarget): boolean {
  return target instanceof Element && target.classList.contains('tile-open');
}
