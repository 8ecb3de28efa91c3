/** The grid of square tiles; lengths are in CSS pixels. */
export interface GridLayout {
  readonly columns: number;
  readonly tile: number;
  readonly gap: number;
}

/**
 * As many columns as fit: two on the narrowest phone, larger tiles on wider screens. Tiles are square
 * and rows alike, so that the place of the hundred-thousandth is known without laying out the others.
 */
export function gridLayout(width: number): GridLayout {
  const gap = width < 600 ? 8 : 14;
  const smallest = Math.min(220, Math.max(136, width / 6.5));
  const columns = Math.max(2, Math.floor((width + gap) / (smallest + gap)));
  const tile = Math.max(0, Math.floor((width - gap * (columns - 1)) / columns));
  return { columns, tile, gap };
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The longer side to which a tiny picture is enlarged: a single pixel could not be seen. */
const SMALLEST_SHOWN = 240;

/** The size at which a whole picture fits into the space; large ones shrink, tiny ones grow. */
export function fitInside(picture: Size, space: Size): Size {
  const longer = Math.max(picture.width, picture.height, 1);
  const scale = Math.min(
    space.width / Math.max(picture.width, 1),
    space.height / Math.max(picture.height, 1),
    Math.max(1, SMALLEST_SHOWN / longer),
  );
  return {
    width: Math.max(1, Math.round(picture.width * scale)),
    height: Math.max(1, Math.round(picture.height * scale)),
  };
}
