/** What a request body is here: chunks that can be asked for, and never closed by asking no more. */
export type Bytes = AsyncIterator<Buffer>;

export interface ByteReader {
  /**
   * Everything before `delimiter`, which is consumed too. Undefined when more than `limit` bytes
   * come without it, or the source ends first.
   */
  readUntil(delimiter: Buffer, limit: number): Promise<Buffer | undefined>;
  /** The same without holding it: yields what comes before the delimiter; false if it never came. */
  streamUntil(delimiter: Buffer): AsyncGenerator<Buffer, boolean>;
  /** Yields exactly `length` bytes; false if the source ended first. */
  streamExactly(length: number): AsyncGenerator<Buffer, boolean>;
}

/** Looks for boundaries in a stream of chunks, wherever the chunks happen to be cut. */
export function createByteReader(source: Bytes): ByteReader {
  let held: Buffer = Buffer.alloc(0);

  async function more(): Promise<boolean> {
    const next = await source.next();
    if (next.done === true) return false;
    held = held.length === 0 ? next.value : Buffer.concat([held, next.value]);
    return true;
  }

  function take(length: number): Buffer {
    const taken = held.subarray(0, length);
    held = held.subarray(length);
    return taken;
  }

  async function readUntil(delimiter: Buffer, limit: number): Promise<Buffer | undefined> {
    let searchFrom = 0;
    for (;;) {
      const at = held.indexOf(delimiter, searchFrom);
      if (at > limit) return undefined;
      if (at >= 0) {
        const found = take(at);
        take(delimiter.length);
        return found;
      }
      if (held.length > limit + delimiter.length) return undefined;
      searchFrom = Math.max(0, held.length - delimiter.length + 1);
      if (!(await more())) return undefined;
    }
  }

  async function* streamUntil(delimiter: Buffer): AsyncGenerator<Buffer, boolean> {
    for (;;) {
      const at = held.indexOf(delimiter);
      if (at >= 0) {
        if (at > 0) yield take(at);
        take(delimiter.length);
        return true;
      }
      // The last bytes may be the first half of the delimiter.
      const safe = held.length - delimiter.length + 1;
      if (safe > 0) yield take(safe);
      if (!(await more())) return false;
    }
  }

  async function* streamExactly(length: number): AsyncGenerator<Buffer, boolean> {
    let left = length;
    while (left > 0) {
      if (held.length === 0 && !(await more())) return false;
      const chunk = take(Math.min(left, held.length));
      left -= chunk.length;
      if (chunk.length > 0) yield chunk;
    }
    return true;
  }

  return { readUntil, streamUntil, streamExactly };
}
