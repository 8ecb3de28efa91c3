import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** The next message of a process. Rejects when it ends without one. */
export async function nextMessage(child: ChildProcess): Promise<unknown> {
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([message]) => message),
      once(child, 'exit', { signal }).then(([code]) => {
        throw new Error(`a process of the bench ended with ${code}`);
      }),
    ]);
  } finally {
    waiting.abort();
  }
}
