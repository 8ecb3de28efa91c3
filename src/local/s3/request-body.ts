import type { IncomingMessage } from 'node:http';
import type { Bytes } from './byte-reader.ts';

/** A refused upload is read on to this many bytes, so that its client gets to read the refusal. */
const DRAIN_LIMIT_BYTES = 64 * 1024 * 1024;

export interface RequestBody {
  /** One shared iterator: whoever stops asking leaves the connection as it is. */
  readonly chunks: Bytes;
  /** Throws away what was not read; beyond the limit the connection is closed. Never throws. */
  drain(): Promise<void>;
}

/**
 * The body of a request. Node destroys the connection of a request whose stream is abandoned
 * half-way, and the client would see ECONNRESET where it should see a 403.
 */
export function requestBody(request: IncomingMessage): RequestBody {
  let iterator: AsyncIterator<unknown> | undefined;

  async function next(): Promise<IteratorResult<Buffer, undefined>> {
    iterator ??= request.iterator({ destroyOnReturn: false });
    const result = await iterator.next();
    if (result.done === true) return { done: true, value: undefined };
    const { value } = result;
    return { done: false, value: Buffer.isBuffer(value) ? value : Buffer.from(String(value)) };
  }

  async function drain(): Promise<void> {
    // Node tells a request nothing about its connection any more once the response is out.
    const { socket } = request;
    const giveUp = (): void => void request.destroy();
    socket.once('close', giveUp);
    try {
      if (socket.destroyed) giveUp();
      let drained = 0;
      while (!request.destroyed) {
        const chunk = await next();
        if (chunk.done === true) return;
        drained += chunk.value.length;
        if (drained > DRAIN_LIMIT_BYTES) request.destroy();
      }
    } catch {
      // The client went away: there is nobody left to be polite to.
    } finally {
      socket.off('close', giveUp);
    }
  }

  return { chunks: { next }, drain };
}
