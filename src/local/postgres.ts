import pg from 'pg';
import { errorCode } from './error-code.ts';
import { withClient } from './postgres-client.ts';
import { ensureCluster } from './postgres-cluster.ts';
import { preparePostgresHome } from './postgres-home.ts';
import { HOST, launchPostgres } from './postgres-launch.ts';
import { shutDownPostmaster, stopOrphan } from './postgres-process.ts';

/** PostgreSQL on this machine, reachable over loopback with a password only. */
export interface LocalPostgres {
  /** Superuser URL of a database, e.g. `url('media')`. It holds the password: never log it. */
  url(database: string): string;
  port: number;
  /** Ends it (10 s for open transactions to roll back, then harder). May be called twice. */
  stop(): Promise<void>;
  /** Tells of an end that {@link stop} did not cause; at once if that has already happened. */
  onExit(listener: (code: number | null) => void): void;
}

/**
 * Starts the PostgreSQL that comes with npm as a child of this process, with all its files in
 * `stateDir` (see postgres-home.ts for the one exception). Data survive restarts and kill -9; a
 * server that a killed process left behind is stopped first.
 *
 * @param options.port the TCP port to listen on, on 127.0.0.1 only; must be free
 * @param options.settings PostgreSQL's own settings by name, e.g. `{ fsync: 'off' }`
 * @throws Error when it does not start, with what PostgreSQL said, and when another living
 *   process is running it on the same `stateDir`
 */
export async function startPostgres(options: {
  stateDir: string;
  port: number;
  settings?: Record<string, string>;
}): Promise<LocalPostgres> {
  const { port, settings = {} } = options;
  const home = await preparePostgresHome(options.stateDir);
  await stopOrphan(home);
  const password = await ensureCluster(home);
  const url = (database: string): string =>
    `postgresql://postgres:${password}@${HOST}:${port}/${encodeURIComponent(database)}`;
  const { child, exited } = await launchPostgres(home, { port, settings, url: url('postgres') });
  let stopping: Promise<void> | undefined;
  return {
    url,
    port,
    stop() {
      stopping ??=
        child.exitCode === null && child.signalCode === null
          ? shutDownPostmaster(home, child.pid ?? 0, () => exited)
          : Promise.resolve();
      return stopping;
    },
    onExit(listener) {
      void exited.then((code) => {
        if (stopping === undefined) listener(code);
      });
    },
  };
}

/** Stops the server that a killed process left behind in `stateDir`, and so frees its port. */
export async function stopAbandonedPostgres(stateDir: string): Promise<void> {
  await stopOrphan(await preparePostgresHome(stateDir));
}

/** Creates an empty database unless there is one of that name; safe to call in parallel. */
export async function createDatabaseIfMissing(
  postgres: LocalPostgres,
  name: string,
): Promise<void> {
  await withClient(postgres.url('postgres'), async (client) => {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount !== 0) return;
    try {
      await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
    } catch (error) {
      // 42P04 duplicate_database; 23505 when two create it in the same moment.
      if (errorCode(error) !== '42P04' && errorCode(error) !== '23505') throw error;
    }
  });
}
