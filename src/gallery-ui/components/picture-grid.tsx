import { type Ref, useEffect, useImperativeHandle, useRef } from 'react';
import { useDocumentTop, useElementSize } from '../hooks/use-element-size.ts';
import { useGridKeys } from '../hooks/use-grid-keys.ts';
import { useGridRows } from '../hooks/use-grid-rows.ts';
import { useKeptFocus } from '../hooks/use-kept-focus.ts';
import { useRovingTile } from '../hooks/use-roving-tile.ts';
import type { SelectionState } from '../hooks/use-selection.ts';
import type { Gallery, Snapshot } from '../model.ts';
import { gridLayout } from '../view/grid-layout.ts';
import { GridTile } from './grid-tile.tsx';

export interface GridHandle {
  /** Brings a tile on screen and puts the focus on it; without a key, on the one that had it last. */
  focusTile(key?: string): void;
}

interface PictureGridProps {
  gallery: Gallery;
  snapshot: Snapshot;
  selection: SelectionState;
  onOpen: (key: string) => void;
  onRemove: (keys: readonly string[]) => void;
  ref: Ref<GridHandle>;
}

/** Rows short of the end at which the next page is asked for: about two screens. */
const ROWS_AHEAD = 8;

/** Only the rows on screen are in the document, however many there are. */
export function PictureGrid(props: PictureGridProps) {
  const { gallery, snapshot, selection, onOpen, onRemove, ref } = props;
  const { keys, hasMore, loading, loadProblem } = snapshot;
  const element = useRef<HTMLUListElement>(null);
  const { width } = useElementSize(element);
  const top = useDocumentTop(element);
  const { columns, tile, gap } = gridLayout(width);
  const rowHeight = width > 0 ? tile + gap : 0;
  const rowCount = Math.ceil(keys.length / columns);

  const roving = useRovingTile(element, keys, columns);
  const activeRow = Math.floor(roving.index / columns);
  const rows = useGridRows({ rowCount, rowHeight, top, columns, activeRow });
  useImperativeHandle(ref, () => ({ focusTile: roving.focus }));

  const isNearEnd = rows.some((row) => row >= rowCount - ROWS_AHEAD);
  const canLoad = hasMore && loading === 'none' && loadProblem === null;
  useEffect(() => {
    if (isNearEnd && canLoad) {
      gallery.loadMore();
    }
  }, [gallery, isNearEnd, canLoad]);

  // As text, so that the effect runs when the rows are others, not with every render.
  const rowList = rows.join();
  useEffect(() => {
    const shown = rowList === '' ? [] : rowList.split(',').map(Number);
    gallery.show(shown.flatMap((row) => keys.slice(row * columns, (row + 1) * columns)));
  }, [gallery, keys, columns, rowList]);

  const kept = useKeptFocus(element, `[data-index="${roving.index}"] .tile-open`);
  const onKeyDown = useGridKeys({ roving, selection, rowHeight, onRemove });
  const shownKeys = rows.flatMap((row) =>
    keys.slice(row * columns, (row + 1) * columns).map((key, column) => ({ key, row, column })),
  );

  return (
    <ul
      ref={element}
      className="picture-grid"
      aria-label="Pictures"
      data-selecting={selection.keys.size > 0}
      style={{ height: rowCount * rowHeight }}
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        roving.onFocus(event);
        kept.onFocus(event);
      }}
      onBlur={kept.onBlur}
    >
      {shownKeys.map(({ key, row, column }) => (
        <li
          key={key}
          className="tile"
          data-index={row * columns + column}
          aria-posinset={row * columns + column + 1}
          aria-setsize={hasMore ? -1 : keys.length}
          style={{
            width: tile,
            height: tile,
            transform: `translate(${column * (tile + gap)}px, ${row * rowHeight}px)`,
          }}
        >
          <GridTile
            gallery={gallery}
            tileKey={key}
            active={key === roving.key}
            selected={selection.keys.has(key)}
            onOpen={onOpen}
            onSelect={selection.select}
            onRemove={onRemove}
          />
        </li>
      ))}
    </ul>
  );
}
