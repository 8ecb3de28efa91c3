import { memo, useRef } from 'react';
import { useTile } from '../hooks/use-gallery.ts';
import { useKeptFocus } from '../hooks/use-kept-focus.ts';
import type { Gallery } from '../model.ts';
import { tileName } from '../view/tile-name.ts';
import { TileFailure } from './tile-failure.tsx';
import { TilePicture } from './tile-picture.tsx';
import { TileProgress } from './tile-progress.tsx';

interface GridTileProps {
  gallery: Gallery;
  tileKey: string;
  /** The one tile of the grid that Tab leads to, and whose buttons it leads to. */
  active: boolean;
  selected: boolean;
  onOpen: (key: string) => void;
  /** Picks or drops the tile; with `range`, all from the last one picked to it. */
  onSelect: (key: string, range: boolean) => void;
  onRemove: (keys: readonly string[]) => void;
}

export const GridTile = memo(function GridTile(props: GridTileProps) {
  const { gallery, tileKey, active, selected, onOpen, onSelect, onRemove } = props;
  const tile = useTile(gallery, tileKey);
  const inside = useRef<HTMLDivElement>(null);
  const kept = useKeptFocus(inside, '.tile-open');
  if (!tile) {
    return null;
  }
  const { image, upload, fileName } = tile;
  const tabIndex = active ? 0 : -1;
  const isReady = image?.status === 'READY' && !upload;
  const isSelectable = image !== null && !upload;
  return (
    <div ref={inside} className="tile-inside" data-selected={selected} {...kept}>
      <button
        type="button"
        className="tile-open"
        aria-label={tileName(tile)}
        // Not `disabled`: the arrow keys lead here too, and its name says why it does not open.
        aria-disabled={!isReady}
        tabIndex={tabIndex}
        onClick={(event) => {
          if (event.shiftKey || event.ctrlKey || event.metaKey) {
            onSelect(tileKey, event.shiftKey);
          } else if (isReady) {
            onOpen(tileKey);
          }
        }}
        // In Firefox the click is on the way up.
        onKeyUp={(event) => event.key === ' ' && event.preventDefault()}
      >
        <TilePicture gallery={gallery} tile={tile} />
        {isReady && <span className="tile-caption">{fileName}</span>}
      </button>
      <TileProgress gallery={gallery} tile={tile} tabIndex={tabIndex} />
      <TileFailure gallery={gallery} tile={tile} tabIndex={tabIndex} onRemove={onRemove} />
      {isSelectable && (
        <input
          type="checkbox"
          className="tile-checkbox"
          aria-label={`Select ${fileName}`}
          checked={selected}
          tabIndex={tabIndex}
          readOnly
          onClick={(event) => onSelect(tileKey, event.shiftKey)}
        />
      )}
    </div>
  );
});
