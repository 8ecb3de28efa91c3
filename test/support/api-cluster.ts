import { apiEnvironment, cdnKey } from './config.ts';
import { createTestDatabase } from './database.ts';
import { eventually } from './eventually.ts';
import type { LogLine } from './log.ts';
import { type Metrics, scrape } from './metrics.ts';
import { childrenOf } from './processes.ts';
import { type SecretStore, startSecretStore } from './secret-store.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';
import { startRole, type WorkerProcess } from './worker-process.ts';

const KEY_SECRET = 'media/key';
/** For what other processes do on a machine that is busy with something else. */
const PATIENCE_SECS = 200;

/** An API of two processes, with a database and the secret store that has its key. */
export interface ApiCluster {
  primary: WorkerProcess;
  url: string;
  database: TcpProxy;
  /** Whether processes that start from now on get the key of the CDN. */
  keepKey(isKept: boolean): void;
  /** The ids of the processes below the primary, in the order of the operating system. */
  pids(): Promise<number[]>;
  /** The first so many lines of this event, once there are as many. */
  logged(event: string, count: number): Promise<LogLine[]>;
  scrape(): Promise<Metrics>;
  close(): Promise<void>;
}

export async function startApiCluster(overrides: Record<string, string> = {}): Promise<ApiCluster> {
  const [store, testDatabase] = await Promise.all([startSecretStore(), createTestDatabase()]);
  const databaseUrl = new URL(testDatabase.url);
  const target = { host: databaseUrl.hostname, port: Number(databaseUrl.port) };
  const database = await startTcpProxy(target);
  databaseUrl.host = `127.0.0.1:${database.port}`;
  keepKey(store, true);
  const primary = startRole('api', {
    ...apiEnvironment({
      API_PROCESSES: '2',
      METRICS_PORT: '0',
      SHUTDOWN_TIMEOUT_SECS: '20',
      DATABASE_URL: databaseUrl.href,
      CLOUDFRONT_PRIVATE_KEY_PEM: undefined,
      CLOUDFRONT_PRIVATE_KEY_SECRET_ID: KEY_SECRET,
      ...overrides,
    }),
    AWS_ENDPOINT_URL_SECRETS_MANAGER: store.url,
    AWS_ACCESS_KEY_ID: process.env.AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY: process.env.AWS_SECRET_ACCESS_KEY,
  });

  function logged(event: string, count: number): Promise<LogLine[]> {
    return eventually(() => {
      const lines = primary.lines.filter(({ msg }) => msg === event);
      if (lines.length < count) throw new Error(`${lines.length} lines of ${event}, not ${count}`);
      return lines.slice(0, count);
    }, PATIENCE_SECS);
  }

  async function close(): Promise<void> {
    primary.kill('SIGKILL');
    await primary.ended;
    await Promise.all([store.close(), database.close()]);
    await testDatabase.drop();
  }

  try {
    await logged('api.process_ready', 2);
  } catch (error) {
    await close();
    throw error;
  }
  const portOf = (event: string) => primary.lines.find(({ msg }) => msg === event)?.port;
  return {
    primary,
    url: `http://127.0.0.1:${portOf('api.listening')}`,
    database,
    keepKey: (isKept) => keepKey(store, isKept),
    pids: async () => (await childrenOf(primary.pid)).map(({ pid }) => pid),
    logged,
    scrape: () => scrape(`http://127.0.0.1:${portOf('metrics.listening')}/metrics`),
    close,
  };
}

function keepKey({ kept }: SecretStore, isKept: boolean): void {
  if (isKept) kept.set(KEY_SECRET, cdnKey.pem);
  else kept.delete(KEY_SECRET);
}
