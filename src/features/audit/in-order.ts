export interface InOrderOptions {
  /** How many items are in work at a time. */
  concurrency: number;
  /** Aborted: nothing more is begun; work may then reject, which counts as not done. */
  signal: AbortSignal;
}

/**
 * Works on items side by side, begun in their order. Resolves with the outcomes of the first items
 * without a gap: of all of them, unless it was aborted. Rejects, when no work is left running, with
 * what any of them was rejected with.
 */
export async function inOrder<Item, Outcome>(
  items: readonly Item[],
  { concurrency, signal }: InOrderOptions,
  work: (item: Item) => Promise<Outcome>,
): Promise<Outcome[]> {
  const outcomes = new Map<number, Outcome>();
  const failures: unknown[] = [];
  const rest = items.entries();

  async function workThrough(): Promise<void> {
    for (const [index, item] of rest) {
      if (signal.aborted || failures.length > 0) return;
      try {
        outcomes.set(index, await work(item));
      } catch (error) {
        if (!signal.aborted) failures.push(error);
        return;
      }
    }
  }
  await Promise.all(Array.from({ length: concurrency }, workThrough));
  if (failures.length > 0) throw failures[0];
  const done = items.findIndex((_item, index) => !outcomes.has(index));
  return [...outcomes]
    .sort(([one], [other]) => one - other)
    .slice(0, done === -1 ? items.length : done)
    .map(([, outcome]) => outcome);
}
