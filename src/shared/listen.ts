import { randomUUID } from 'node:crypto';
import { Socket } from 'node:net';
import pg from 'pg';

/** How often a session proves that it still hears, and how long that may take, in milliseconds. */
export interface Pulse {
  everyMs: number;
  timeoutMs: number;
}

export interface ListenOptions {
  databaseUrl: string;
  channel: string;
  pulse: Pulse;
  /** Called once the session listens: what was told before is lost. */
  onListening(): void;
  /** Called with every notice's payload. */
  onNotice(payload: string): void;
  /** Called whenever a notice to itself has come back. */
  onHeard(): void;
  signal: AbortSignal;
}

const CONNECT_TIMEOUT_MS = 5_000;

/**
 * One PostgreSQL session that listens, from connecting to its end: resolves when the signal is
 * aborted, rejects when it could not be had or was lost. It counts as lost, too, when a notice to
 * itself does not come back: over a connection of which only one end is left, or through a pooler
 * that lends sessions for a transaction only, LISTEN looks well and nothing ever comes.
 */
export async function listen(options: ListenOptions): Promise<void> {
  const { databaseUrl, channel, pulse, onListening, onNotice, onHeard, signal } = options;
  const ownChannel = `pulse_${randomUUID().replaceAll('-', '')}`;
  // Ours, so that it can be destroyed: a goodbye is never answered where nobody is left.
  const socket = new Socket();
  const client = new pg.Client({
    connectionString: databaseUrl,
    stream: () => socket,
    application_name: 'media-api listener',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  });
  const { promise: ended, resolve: end, reject: fail } = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;

  function provePulse(): void {
    const silent = () => fail(new Error('the session does not hear its own notices'));
    timer = setTimeout(silent, pulse.timeoutMs);
    client.query('SELECT pg_notify($1, $2)', [ownChannel, '']).catch(fail);
  }

  async function start(): Promise<void> {
    await client.connect();
    await client.query(`LISTEN ${channel}; LISTEN ${ownChannel}`);
    if (signal.aborted) return;
    onListening();
    provePulse();
  }

  client.on('error', fail);
  client.on('notification', ({ channel: from, payload = '' }) => {
    if (from === channel) {
      onNotice(payload);
    } else {
      clearTimeout(timer);
      onHeard();
      timer = setTimeout(provePulse, pulse.everyMs);
    }
  });
  const stop = () => end();
  signal.addEventListener('abort', stop);
  if (signal.aborted) end();
  else start().catch(fail);
  try {
    await ended;
  } finally {
    signal.removeEventListener('abort', stop);
    client.removeAllListeners('notification');
    clearTimeout(timer);
    socket.destroy();
  }
}
