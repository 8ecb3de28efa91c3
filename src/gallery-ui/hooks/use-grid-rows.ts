import { defaultRangeExtractor, useWindowVirtualizer } from '@tanstack/react-virtual';
import { useLayoutEffect, useRef } from 'react';

interface GridRowsOptions {
  rowCount: number;
  /** In CSS pixels, with the gap below. */
  rowHeight: number;
  /** Where the grid begins, from the top of the document. */
  top: number;
  columns: number;
  activeRow: number;
}

/** Rows that are rendered above and below those on screen. */
const OVERSCAN = 3;

/** The rows to render: those on screen, some around them, and the one with the focus. */
export function useGridRows(options: GridRowsOptions): number[] {
  const { rowCount, rowHeight, top, columns, activeRow } = options;
  const virtualizer = useWindowVirtualizer({
    count: rowCount,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    scrollMargin: top,
    rangeExtractor: (range) => {
      const rows = defaultRangeExtractor(range);
      // Scrolling away must not take the focus out of the document.
      return activeRow < rowCount && !rows.includes(activeRow)
        ? [...rows, activeRow].sort((a, b) => a - b)
        : rows;
    },
  });

  const last = useRef({ rowHeight, columns });
  useLayoutEffect(() => {
    const before = last.current;
    last.current = { rowHeight, columns };
    if (before.rowHeight === rowHeight && before.columns === columns) {
      return;
    }
    virtualizer.measure();
    // Turning a phone keeps the pictures that were looked at on screen.
    const scrolled = window.scrollY - top;
    if (scrolled > 0 && before.rowHeight > 0) {
      const firstTile = Math.round(scrolled / before.rowHeight) * before.columns;
      window.scrollTo({ top: top + Math.floor(firstTile / columns) * rowHeight });
    }
  }, [rowHeight, columns, top, virtualizer]);

  return rowHeight > 0 ? virtualizer.getVirtualItems().map((row) => row.index) : [];
}
