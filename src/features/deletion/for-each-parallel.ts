/** Does `work`, which must not reject, for each item, up to `limit` at a time; none after an abort. */
export async function forEachParallel<T>(
  items: readonly T[],
  limit: number,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  // All runners draw from the same iterator, so each item is drawn once.
  const rest = items.values();
  const runners = Array.from({ length: Math.min(limit, items.length) }, async () => {
    for (const item of rest) {
      if (signal.aborted) return;
      await work(item);
    }
  });
  await Promise.all(runners);
}
