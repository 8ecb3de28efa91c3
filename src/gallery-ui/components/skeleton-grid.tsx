import { useRef } from 'react';
import { useElementSize } from '../hooks/use-element-size.ts';
import { gridLayout } from '../view/grid-layout.ts';

/** Rows that fill a screen. */
const ROWS = 4;

/** Stands where pictures will be, so that nothing jumps when they come. */
export function SkeletonGrid() {
  const ref = useRef<HTMLDivElement>(null);
  const { width } = useElementSize(ref);
  const { columns, tile, gap } = gridLayout(width);
  const places = Array.from({ length: width > 0 ? columns * ROWS : 0 }, (_, place) => place);
  return (
    <div
      ref={ref}
      className="skeleton-grid"
      aria-hidden="true"
      style={{ gap, gridTemplateColumns: `repeat(${columns}, ${tile}px)`, gridAutoRows: tile }}
    >
      {places.map((place) => (
        <div key={place} className="skeleton" />
      ))}
    </div>
  );
}
