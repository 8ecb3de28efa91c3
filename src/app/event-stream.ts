import type { Response } from 'express';

/** A line that every reader of an event stream ignores. */
const COMMENT = ':\n\n';

/** How many heartbeats in a row a client may leave unread before its stream is taken from it. */
const UNREAD_HEARTBEATS = 4;

/**
 * Answers with server-sent events: those of `messages`, and a heartbeat in between, so that nobody on
 * the way takes the connection for idle. Resolves at the end of the messages, or as soon as the
 * response is over, whoever ended it; then the messages are returned, too.
 */
export async function sendEvents(
  response: Response,
  messages: AsyncGenerator<string, void>,
  heartbeatMs: number,
): Promise<void> {
  response.status(200).set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    // Neither kept nor collected on the way: not compressed, and not buffered by nginx.
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
    // The connection has served its purpose; kept alive, it would hold up a shutdown.
    Connection: 'close',
  });
  // Every heartbeat that gets out counts as a sign of life; none does once the client's buffers are full.
  response.socket?.setTimeout(heartbeatMs * UNREAD_HEARTBEATS);
  // Some browsers take a stream for open only when something has come.
  response.write(COMMENT);
  const heartbeat = setInterval(() => {
    if (isWritable(response) && !response.writableNeedDrain) response.write(COMMENT);
  }, heartbeatMs);
  const stop = () => void messages.return();
  response.once('close', stop);
  if (response.closed) stop();
  try {
    for await (const message of messages) {
      if (!isWritable(response)) break;
      // graphql-sse has heartbeats of its own, always of 12 seconds.
      if (message !== COMMENT) response.write(message);
      await drained(response);
    }
  } finally {
    clearInterval(heartbeat);
    response.off('close', stop);
  }
  response.end();
}

/** Resolves when the response takes more, or none any more. */
export async function drained(response: Response): Promise<void> {
  if (!isWritable(response) || !response.writableNeedDrain) return;
  await new Promise<void>((resolve) => {
    function done(): void {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    }
    response.on('drain', done);
    response.on('close', done);
  });
}

function isWritable({ destroyed, writableEnded, closed }: Response): boolean {
  return !destroyed && !writableEnded && !closed;
}
