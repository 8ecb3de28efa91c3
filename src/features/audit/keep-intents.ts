import type { AuditChange, Intents } from './model.ts';

/**
 * Those that come while others are being stored are stored together, after them: with many objects
 * in work that is a statement for many of them, and no wait where there are few.
 *
 * @param earlier what runs before have stored and not counted
 */
export function keepIntents(
  store: (changes: readonly AuditChange[]) => Promise<void>,
  earlier: readonly AuditChange[],
): Intents {
  let next: { changes: AuditChange[]; stored: Promise<void> } | null = null;
  let last: Promise<void> = Promise.resolve();

  function begin() {
    const changes: AuditChange[] = [];
    const stored = last.then(() => {
      next = null;
      return store(changes);
    });
    // Whoever added to it hears of a failure; those that come after try for themselves.
    last = stored.catch(() => {});
    return { changes, stored };
  }

  return {
    add(change) {
      next ??= begin();
      next.changes.push(change);
      return next.stored;
    },
    earlier: new Map(earlier.map((change) => [change.key, change])),
  };
}
