/** A map that forgets what has not been used for long. */
export interface TwoGenerations<Value> {
  get(name: string): Value | undefined;
  set(name: string, value: Value): void;
  delete(name: string): void;
  /** Forgets what has not been used since this was last called. */
  turn(): void;
}

/**
 * What is used goes to the young generation. When that is half of `maxEntries`, or on `turn`, it
 * becomes the old one, and what was in the old one is forgotten, all at once: no list is kept in order
 * of use. So the last half of `maxEntries` used are always there, and never more than all.
 */
export function createTwoGenerations<Value>(maxEntries: number): TwoGenerations<Value> {
  const half = Math.floor(maxEntries / 2);
  let young = new Map<string, Value>();
  let old = new Map<string, Value>();

  function turn(): void {
    old = young;
    young = new Map();
  }

  function set(name: string, value: Value): void {
    if (young.size >= half && !young.has(name)) turn();
    young.set(name, value);
  }

  return {
    get(name) {
      const known = young.get(name);
      if (known !== undefined) return known;
      const older = old.get(name);
      if (older !== undefined) set(name, older);
      return older;
    },
    set,
    delete(name) {
      young.delete(name);
      old.delete(name);
    },
    turn,
  };
}
