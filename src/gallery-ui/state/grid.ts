/**
 * Which tiles are in the grid, in which order: first this tab's own, then the listed ones. Hidden
 * ones keep their place.
 */
export interface Grid {
  /** Before all others. */
  addOwn(keys: readonly string[]): void;
  /** After all others; those that are there already stay where they are. */
  append(keys: readonly string[]): void;
  /**
   * Keeps of this tab's own those that `keeps` is true of, and lists nothing but these. Returns the
   * keys that are gone for good.
   */
  restart(listed: readonly string[], keeps: (key: string) => boolean): string[];
  remove(keys: readonly string[]): void;
  hide(keys: readonly string[]): void;
  unhide(keys: readonly string[]): void;
}

/** `onChange` gets the keys that show. */
export function createGrid(onChange: (keys: readonly string[]) => void): Grid {
  let own: string[] = [];
  let listed: string[] = [];
  let visibleListed: string[] = [];
  const there = new Set<string>();
  const hidden = new Set<string>();
  const isVisible = (key: string): boolean => !hidden.has(key);

  function tell(): void {
    const visibleOwn = own.filter(isVisible);
    onChange(visibleOwn.length === 0 ? visibleListed : visibleOwn.concat(visibleListed));
  }

  function refilter(): void {
    visibleListed = hidden.size === 0 ? listed : listed.filter(isVisible);
    tell();
  }

  /** Those of `keys` that are new, each once; they are there from now on. */
  function enter(keys: readonly string[]): string[] {
    return keys.filter((key) => !there.has(key) && there.add(key));
  }

  return {
    addOwn(keys) {
      own = enter(keys).concat(own);
      tell();
    },
    append(keys) {
      const entered = enter(keys);
      if (entered.length === 0) return;
      // Copies of what was there are of no weight (a memory move); looking at each would be.
      listed = listed.concat(entered);
      visibleListed = hidden.size === 0 ? listed : visibleListed.concat(entered.filter(isVisible));
      tell();
    },
    restart(keys, keeps) {
      const before = own.concat(listed);
      own = own.filter(keeps);
      there.clear();
      enter(own);
      listed = enter(keys);
      refilter();
      // Those that are hidden may yet be wanted back.
      return before.filter((key) => !there.has(key) && !hidden.has(key));
    },
    remove(keys) {
      for (const key of keys) hidden.delete(key);
      const removed = new Set(keys.filter((key) => there.delete(key)));
      if (removed.size === 0) return;
      own = own.filter((key) => !removed.has(key));
      listed = listed.filter((key) => !removed.has(key));
      refilter();
    },
    hide(keys) {
      for (const key of keys) hidden.add(key);
      refilter();
    },
    unhide(keys) {
      for (const key of keys) hidden.delete(key);
      refilter();
    },
  };
}
