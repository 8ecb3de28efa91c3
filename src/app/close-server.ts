import { once } from 'node:events';
import type { Server } from 'node:http';
import { Server as NetServer } from 'node:net';

/** How often to look for connections that have nothing to do any more, in milliseconds. */
const SWEEP_MS = 50;

export interface Goodbye {
  /** How long idle connections stay open, for the answer to one more request, in milliseconds. */
  goodbyeMs: number;
  /** After this long everything is cut, in milliseconds. */
  timeoutMs: number;
}

/**
 * Takes no new connection, answers what is asked on those that are open, and says with each answer
 * that it is the last one. Who hangs up on an idle connection may meet a request that is on its way.
 */
export async function closeServer(
  server: Server,
  { goodbyeMs, timeoutMs }: Goodbye,
): Promise<void> {
  const closed = once(server, 'close');
  server.prependListener('request', (_request, response) => {
    response.setHeader('Connection', 'close');
  });
  // Not that of HTTP, which hangs up on whatever is idle at this moment.
  NetServer.prototype.close.call(server);
  let sweep: NodeJS.Timeout | undefined;
  const goodbye = setTimeout(() => {
    server.closeIdleConnections();
    sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  }, goodbyeMs);
  const deadline = setTimeout(() => server.closeAllConnections(), timeoutMs);
  await closed;
  clearTimeout(goodbye);
  clearInterval(sweep);
  clearTimeout(deadline);
  // Nothing is left to be closed; it ends the clock that looks for slow connections.
  server.close();
}
