import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from './error-code.ts';
import { postgresEnvironment, programPath } from './postgres-binaries.ts';
import { withClient } from './postgres-client.ts';
import type { PostgresHome } from './postgres-home.ts';
import { rememberStarter, shutDownPostmaster } from './postgres-process.ts';

/** The only address PostgreSQL listens on. */
export const HOST = '127.0.0.1';

/** Recovery after a crash can take a while on a busy machine. */
const READY_WITHIN_MS = 60_000;

/** For how long the remains of a killed PostgreSQL are waited for. */
const REMAINS_GONE_WITHIN_MS = 15_000;

const LOG_STARTED_AFRESH_ABOVE_BYTES = 10 * 1024 * 1024;

/** What PostgreSQL says while the children of a killed predecessor are still ending. */
const REMAINS = /pre-existing shared memory block|lock file "postmaster.pid" already exists/;

/** 57P03 is cannot_connect_now; no code means closed or silent before the connection was made. */
const NOT_READY = new Set(['ECONNREFUSED', 'ECONNRESET', '57P03', '']);

/** A PostgreSQL process that has just been spawned. */
interface Attempt {
  child: ChildProcess;
  exited: Promise<number | null>;
  /** What it has logged so far. */
  log(): Promise<string>;
}

async function spawnPostgres(
  home: PostgresHome,
  port: number,
  settings: Record<string, string>,
): Promise<Attempt> {
  const logFile = path.join(home.stateDir, 'postgres.log');
  const size = (await stat(logFile).catch(() => undefined))?.size ?? 0;
  const fresh = size > LOG_STARTED_AFRESH_ABOVE_BYTES;
  const log = await open(logFile, fresh ? 'w' : 'a', 0o600);
  const all = {
    listen_addresses: HOST,
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...settings,
  };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const args = ['-D', home.dataDir, '-p', String(port), ...flags];
  await rememberStarter(home);
  try {
    const child = spawn(programPath(home.binaries, 'postgres'), args, {
      ...home.runAs,
      cwd: home.home,
      env: postgresEnvironment(),
      stdio: ['ignore', log.fd, log.fd],
      // A process group of its own: Ctrl-C reaches us, and we stop PostgreSQL last.
      detached: true,
      windowsHide: true,
    });
    const exited = once(child, 'exit').then(([code]) => (typeof code === 'number' ? code : null));
    exited.catch(() => undefined);
    await once(child, 'spawn');
    const start = fresh ? 0 : size;
    return {
      child,
      exited,
      log: async () => (await readFile(logFile)).subarray(start).toString('utf8'),
    };
  } finally {
    await log.close();
  }
}

/** Whether the server that answers is the one on our data: another may have had the port first. */
async function isOurs(url: string, home: PostgresHome): Promise<boolean> {
  try {
    return await withClient(url, async (client) => {
      const { rows } = await client.query<{ data_directory: string }>('SHOW data_directory');
      // Windows answers with forward slashes.
      return path.resolve(rows[0]?.data_directory ?? '') === home.dataDir;
    });
  } catch (error) {
    // Class 28 is "invalid authorization": ours would have known the password.
    if (errorCode(error).startsWith('28')) return false;
    throw error;
  }
}

/** Resolves when our PostgreSQL answers; rejects when another one does, or none in time. */
async function untilItAnswers(url: string, home: PostgresHome, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (!signal.aborted) {
    const answer = await isOurs(url, home).catch((error: unknown) => {
      if (!NOT_READY.has(errorCode(error)) || Date.now() > deadline) throw error;
    });
    if (answer === true) return;
    if (answer === false) throw new Error('another PostgreSQL answers there');
    await delay(20);
  }
}

/** The end of what PostgreSQL said, with why we are not content. */
function failure(port: number, log: string, cause?: unknown): Error {
  const reason = cause === undefined ? '' : ` (${cause})`;
  const lastLines = log.trim().split('\n').slice(-5).join('\n');
  return new Error(`PostgreSQL did not start on ${HOST}:${port}${reason}:\n${lastLines}`, {
    cause,
  });
}

/**
 * Starts PostgreSQL on its data and waits until it answers under `url`.
 *
 * @throws Error with what PostgreSQL said
 */
export async function launchPostgres(
  home: PostgresHome,
  options: { port: number; settings: Record<string, string>; url: string },
): Promise<{ child: ChildProcess; exited: Promise<number | null> }> {
  const deadline = Date.now() + REMAINS_GONE_WITHIN_MS;
  for (;;) {
    const attempt = await spawnPostgres(home, options.port, options.settings);
    const giveUp = new AbortController();
    const exited = attempt.exited.then(() => giveUp.abort());
    try {
      await Promise.race([untilItAnswers(options.url, home, giveUp.signal), exited]);
    } catch (error) {
      await shutDownPostmaster(home, attempt.child.pid ?? 0, () => attempt.exited);
      throw failure(options.port, await attempt.log(), error);
    }
    if (!giveUp.signal.aborted) return attempt;
    const log = await attempt.log();
    if (!REMAINS.test(log) || Date.now() > deadline) throw failure(options.port, log);
    await delay(200);
  }
}
