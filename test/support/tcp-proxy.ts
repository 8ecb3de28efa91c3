import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** What becomes of bytes that a client sends: as in http-proxy.ts. */
export type ChunkVerdict = 'pass' | 'cut' | { afterwards: () => void };

/** Stands in front of a server, so that a test can take it away and bring it back. */
export interface TcpProxy {
  port: number;
  /** How many connections were asked for while it was away. */
  refused(): number;
  /** Drops all connections, and every new one. */
  goAway(): void;
  /** From now on nothing comes through the connections there are, which stay open; new ones work. */
  freeze(): void;
  comeBack(): void;
  /** Decides on everything that clients send from now on. */
  judge(judge: (chunk: Buffer) => ChunkVerdict): void;
  close(): Promise<void>;
}

export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let away = false;
  let refused = 0;
  let judge: (chunk: Buffer) => ChunkVerdict = () => 'pass';

  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  }

  const server = createServer((near) => {
    keep(near);
    if (away) {
      refused += 1;
      near.destroy();
      return;
    }
    const far = connect(target);
    keep(far);
    near.once('close', () => far.destroy());
    far.once('close', () => near.destroy());
    near.on('data', (chunk) => {
      const verdict = judge(chunk);
      if (verdict === 'cut') {
        near.destroy();
        return;
      }
      if (verdict !== 'pass') {
        // Before the answer is on its way to the client.
        far.prependOnceListener('data', () => {
          verdict.afterwards();
          near.destroy();
        });
      }
      far.write(chunk);
    });
    far.pipe(near);
  });
  const port = await listenOnAnyPort(server);
  const dropAll = () => sockets.forEach((socket) => void socket.destroy());

  return {
    port,
    refused: () => refused,
    goAway() {
      away = true;
      dropAll();
    },
    freeze() {
      for (const socket of sockets) socket.unpipe().pause();
    },
    comeBack() {
      away = false;
    },
    judge(next) {
      judge = next;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      dropAll();
      await closed;
    },
  };
}

/** Listens on a free port of the loopback interface, and says which. */
export async function listenOnAnyPort(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('listens on no port');
  return address.port;
}
