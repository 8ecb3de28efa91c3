/**
 * Values on their way to one reader, the latest of each key: however slow the reader is, no more
 * than one a key waits.
 */
export interface Inbox<Key, Value> {
  put(key: Key, value: Value): void;
  /** The value that waits longest, as soon as there is one; undefined after `close`. */
  take(): Promise<[Key, Value] | undefined>;
  close(): void;
}

export function createInbox<Key, Value>(): Inbox<Key, Value> {
  const waiting = new Map<Key, Value>();
  let isOpen = true;
  let wake = () => {};

  return {
    put(key, value) {
      waiting.set(key, value);
      wake();
    },
    async take() {
      while (isOpen) {
        const [oldest] = waiting;
        if (oldest) {
          waiting.delete(oldest[0]);
          return oldest;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return undefined;
    },
    close() {
      isOpen = false;
      waiting.clear();
      wake();
    },
  };
}
