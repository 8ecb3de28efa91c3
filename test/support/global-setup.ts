import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { findFreePort } from '../../src/local/ports.ts';
import {
  createDatabaseIfMissing,
  type LocalPostgres,
  startPostgres,
} from '../../src/local/postgres.ts';
import { removePostgresFiles } from '../../src/local/postgres-home.ts';
import { applyMigrations } from '../../src/shared/migrations.ts';

declare global {
  /** Stops the PostgreSQL of this run and removes its files; global-teardown.ts calls it. */
  var stopTestPostgres: (() => Promise<void>) | undefined;
}

const ROOT = path.resolve(import.meta.dirname, '../..');

/** Nothing of a test run is worth surviving a power cut. */
const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  max_connections: '200',
};

/** Below the ports that the system hands out by itself, so that none is lost before it is used. */
function somePort(): number {
  return 20_000 + Math.floor(Math.random() * 10_000);
}

/** Cleans up if Jest ends without its teardown: Ctrl-C, a crash, kill -9. */
function spawnWatchdog(stateDir: string): () => void {
  const watchdog = spawn(
    process.execPath,
    [path.join(import.meta.dirname, 'postgres-watchdog.ts'), stateDir],
    // It ends when this end of its standard input does, of which the system takes care.
    { stdio: ['pipe', 'ignore', 'inherit'], detached: true },
  );
  watchdog.unref();
  return () => watchdog.stdin?.end();
}

/** Before any test file, since several of them run at a time: the page that browsers are shown. */
function buildPageIfStale(): void {
  const script = path.join(ROOT, 'scripts/build-gallery.ts');
  const { status } = spawnSync(process.execPath, [script, '--if-stale'], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error('the gallery page cannot be built');
}

/** Starts one PostgreSQL for all test files, with a migrated database to clone. */
export default async function globalSetup(): Promise<void> {
  buildPageIfStale();
  const stateDir = await mkdtemp(path.join(os.tmpdir(), 'media-api-test-'));
  const releaseWatchdog = spawnWatchdog(stateDir);
  let postgres: LocalPostgres | undefined;
  globalThis.stopTestPostgres = async () => {
    await postgres?.stop();
    await removePostgresFiles(stateDir);
    releaseWatchdog();
  };
  try {
    const port = await findFreePort(somePort());
    postgres = await startPostgres({ stateDir, port, settings: SETTINGS });
    await createDatabaseIfMissing(postgres, 'template_media');
    await applyMigrations({
      databaseUrl: postgres.url('template_media'),
      directory: path.join(ROOT, 'prisma/migrations'),
    });
    process.env.TEST_POSTGRES_URL = postgres.url('postgres');
  } catch (error) {
    await globalThis.stopTestPostgres();
    throw error;
  }
}
