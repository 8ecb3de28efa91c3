/** A body of known length that can be read, by several readers at once, while it still arrives. */
export interface GrowingBody {
  /** Bytes, as promised by the origin. */
  readonly length: number;
  push(chunk: Buffer): void;
  /** Ends the body; throws, and fails it for its readers, unless all promised bytes came. */
  finish(): void;
  fail(error: Error): void;
  /** Yields bytes `first` to `last` (inclusive) as they arrive; throws when the body has failed. */
  read(first: number, last: number): AsyncGenerator<Buffer, void, void>;
}

/**
 * One copy in memory serves the viewer who asked first, those who joined, and later the cache. How
 * fast each of them reads, or whether they go away, has no effect on the bytes.
 *
 * @param length bytes that have to come for the body to be whole
 */
export function createGrowingBody(length: number): GrowingBody {
  const chunks: Buffer[] = [];
  let received = 0;
  let state: 'growing' | 'whole' | Error = 'growing';
  let wake = () => {};
  let changed = Promise.resolve();

  function renew(): void {
    changed = new Promise((resolve) => {
      wake = resolve;
    });
  }
  function notify(): void {
    const wakeWaiting = wake;
    renew();
    wakeWaiting();
  }
  function fail(error: Error): void {
    if (state !== 'growing') return;
    state = error;
    notify();
  }
  renew();

  return {
    length,
    push(chunk) {
      chunks.push(chunk);
      received += chunk.length;
      notify();
    },
    finish() {
      if (received !== length) {
        const error = new Error(`The origin sent ${received} bytes instead of ${length}`);
        fail(error);
        throw error;
      }
      state = 'whole';
      notify();
    },
    fail,
    async *read(first, last) {
      let offset = 0;
      for (let index = 0; offset <= last; index += 1) {
        while (index >= chunks.length) {
          if (state instanceof Error) throw state;
          if (state === 'whole') return;
          await changed;
        }
        const chunk = chunks[index];
        if (!chunk) return;
        const wanted = chunk.subarray(Math.max(0, first - offset), Math.max(0, last + 1 - offset));
        offset += chunk.length;
        if (wanted.length > 0) yield wanted;
      }
    },
  };
}
