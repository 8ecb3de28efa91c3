export interface GridPlace {
  readonly index: number;
  readonly count: number;
  readonly columns: number;
  /** How many rows Page Up and Page Down go. */
  readonly pageRows: number;
}

/**
 * Where a key leads from one tile of the grid, as in the ARIA grid pattern: Home and End within the
 * row, with Ctrl in the whole grid. Null for keys that do not move.
 */
export function moveInGrid(key: string, ctrl: boolean, place: GridPlace): number | null {
  const { index, count, columns, pageRows } = place;
  const rowStart = index - (index % columns);
  switch (key) {
    case 'ArrowRight':
      return Math.min(index + 1, count - 1);
    case 'ArrowLeft':
      return Math.max(index - 1, 0);
    case 'ArrowDown':
      return down(place, 1);
    case 'ArrowUp':
      return up(place, 1);
    case 'PageDown':
      return down(place, pageRows);
    case 'PageUp':
      return up(place, pageRows);
    case 'Home':
      return ctrl ? 0 : rowStart;
    case 'End':
      return ctrl ? count - 1 : Math.min(rowStart + columns - 1, count - 1);
    default:
      return null;
  }
}

function down({ index, count, columns }: GridPlace, rows: number): number {
  const lastRow = Math.floor((count - 1) / columns);
  const row = Math.min(Math.floor(index / columns) + rows, lastRow);
  // The last row may end before this column.
  return Math.min(row * columns + (index % columns), count - 1);
}

function up({ index, columns }: GridPlace, rows: number): number {
  const row = Math.max(Math.floor(index / columns) - rows, 0);
  return row * columns + (index % columns);
}

/**
 * Where a key is in the order; -1 where it is not. It is mostly where it was last seen, so that a
 * hundred thousand keys are seldom searched.
 */
export function indexOfKey(keys: readonly string[], key: string, lastSeen: number): number {
  return keys[lastSeen] === key ? lastSeen : keys.indexOf(key);
}

/** The nearest index in the direction of `step` whose key is good; -1 where there is none. */
export function nextIndex(
  keys: readonly string[],
  index: number,
  step: 1 | -1,
  isGood: (key: string) => boolean,
): number {
  for (let next = index + step; next >= 0 && next < keys.length; next += step) {
    const key = keys[next];
    if (key !== undefined && isGood(key)) {
      return next;
    }
  }
  return -1;
}
