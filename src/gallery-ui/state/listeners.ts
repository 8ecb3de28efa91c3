export interface Listeners {
  /** The function it returns removes the listener. */
  add(listener: () => void): () => void;
  tell(): void;
  isEmpty(): boolean;
}

export function createListeners(): Listeners {
  // Wrapped, since the same function may listen twice.
  const listeners = new Set<{ tell: () => void }>();
  return {
    add(listener) {
      const entry = { tell: listener };
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
    tell() {
      for (const { tell } of [...listeners]) tell();
    },
    isEmpty: () => listeners.size === 0,
  };
}
