import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { errorCode } from './error-code.ts';

const HIGHEST_PORT = 65_535;

const TAKEN = new Set(['EADDRINUSE', 'EACCES']);

/** The port when it can be listened on (any free one for 0), undefined when it is taken. */
async function tryPort(port: number, host: string): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen({ port, host, exclusive: true });
    await once(server, 'listening');
    const { port: found } = server.address() as AddressInfo;
    return found;
  } catch (error) {
    if (TAKEN.has(errorCode(error))) return undefined;
    throw error;
  } finally {
    if (server.listening) {
      server.close();
      await once(server, 'close');
    }
  }
}

/** Whether someone answers there on IPv6: a browser asked for `localhost` would go to them. */
async function isTakenOnIpv6(port: number): Promise<boolean> {
  // An error other than "taken" means that this machine has no IPv6.
  return (await tryPort(port, '::1').catch(() => port)) === undefined;
}

/**
 * The preferred TCP port if it is free, else the next free one above it. Whoever asks for several
 * passes those it has already been given, because a port is only taken once it is listened on.
 *
 * @param preferred 0 for any
 * @param host the address to be listened on
 * @param given ports not to return
 * @throws Error when no port from the preferred one upwards is free
 */
export async function findFreePort(
  preferred: number,
  host = '127.0.0.1',
  given: ReadonlySet<number> = new Set(),
): Promise<number> {
  for (let port = preferred; port <= HIGHEST_PORT; ) {
    const found = given.has(port) ? undefined : await tryPort(port, host);
    if (found !== undefined && !given.has(found)) {
      if (host !== '127.0.0.1' || !(await isTakenOnIpv6(found))) return found;
    }
    // Asking for any port again gives another one.
    if (preferred !== 0) port += 1;
  }
  throw new Error(`No free port on ${host} from ${preferred} upwards.`);
}
