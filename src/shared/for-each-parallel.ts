/**
 * Does `work` for each item in turn, up to `limit` at a time. Rejects with the first error; after an
 * abort it resolves when what is in work is done.
 */
export async function forEachParallel<T>(
  items: readonly T[],
  { limit, signal }: { limit: number; signal?: AbortSignal },
  work: (item: T) => Promise<void>,
): Promise<void> {
  // All runners draw from the same iterator, so each item is drawn once.
  const rest = items.values();
  const runners = Array.from({ length: Math.min(limit, items.length) }, async () => {
    for (const item of rest) {
      if (signal?.aborted) return;
      await work(item);
    }
  });
  await Promise.all(runners);
}
