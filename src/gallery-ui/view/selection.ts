/** The tiles that are picked for a common action, and the one from which a range is drawn. */
export interface Selection {
  readonly keys: ReadonlySet<string>;
  readonly anchor: string | null;
}

export const NOTHING_SELECTED: Selection = { keys: new Set(), anchor: null };

export function toggle(selection: Selection, key: string): Selection {
  const keys = new Set(selection.keys);
  if (!keys.delete(key)) {
    keys.add(key);
  }
  return { keys, anchor: key };
}

/** Adds all that lies between the anchor and this tile, both included, whichever comes first. */
export function extendTo(
  selection: Selection,
  order: readonly string[],
  key: string,
  isGood: (key: string) => boolean,
): Selection {
  const from = selection.anchor === null ? -1 : order.indexOf(selection.anchor);
  const to = order.indexOf(key);
  if (from < 0 || to < 0) {
    return toggle(selection, key);
  }
  const range = order.slice(Math.min(from, to), Math.max(from, to) + 1).filter(isGood);
  return { keys: new Set([...selection.keys, ...range]), anchor: selection.anchor };
}

/** Without those that are gone; the same object when none is. */
export function keepOnly(selection: Selection, isThere: (key: string) => boolean): Selection {
  const left = [...selection.keys].filter(isThere);
  return left.length === selection.keys.size ? selection : { ...selection, keys: new Set(left) };
}
