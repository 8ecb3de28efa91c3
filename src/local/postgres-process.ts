import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { errorCode } from './error-code.ts';
import { programPath, runProgram } from './postgres-binaries.ts';
import type { PostgresHome } from './postgres-home.ts';

/** How long a fast shutdown may take, then an immediate one, in milliseconds. */
const PATIENCE_MS = 10_000;

/**
 * Signals the postmaster; no error if it is gone. SIGINT is a "fast" shutdown, SIGQUIT an
 * "immediate" one (PostgreSQL docs, "Shutting Down the Server").
 */
export async function signalPostmaster(
  home: PostgresHome,
  pid: number,
  signal: 'SIGINT' | 'SIGQUIT' | 'SIGKILL',
): Promise<void> {
  if (process.platform === 'win32') {
    // Windows has no signals; PostgreSQL has its own, over a named pipe.
    const args = ['kill', signal.slice('SIG'.length), String(pid)];
    const options = { runAs: home.runAs, cwd: home.home };
    await runProgram(programPath(home.binaries, 'pg_ctl'), args, options).catch(() => undefined);
    return;
  }
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

/** Asks the postmaster to end, then insists; resolves when `ended` does. */
export async function shutDownPostmaster(
  home: PostgresHome,
  pid: number,
  ended: () => Promise<unknown>,
): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    await signalPostmaster(home, pid, signal);
    const patience = new AbortController();
    const timeout = delay(PATIENCE_MS, true, { signal: patience.signal }).catch(() => false);
    const tooLong = await Promise.race([ended().then(() => false), timeout]);
    patience.abort();
    if (!tooLong) return;
  }
  throw new Error(`PostgreSQL (process ${pid}) does not end.`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** The command line of a process; empty if it has ended, also if nobody has collected it yet. */
async function commandLine(pid: number): Promise<string> {
  if (process.platform === 'linux') {
    return readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  }
  const { stdout } = await promisify(execFile)('ps', [
    '-ww',
    '-o',
    'command=',
    '-p',
    `${pid}`,
  ]).catch(() => ({ stdout: '' }));
  return stdout;
}

/** Whether that process is the postmaster of our data and not a later one with its number. */
async function isOurPostmaster(home: PostgresHome, pid: number): Promise<boolean> {
  if (process.platform === 'win32') return isAlive(pid);
  return (await commandLine(pid)).includes(home.dataDir);
}

function starterFile(home: PostgresHome): string {
  return path.join(home.stateDir, 'starter.pid');
}

/** Notes that this process starts PostgreSQL, for {@link stopOrphan}. */
export async function rememberStarter(home: PostgresHome): Promise<void> {
  await writeFile(starterFile(home), String(process.pid), { mode: 0o600 });
}

async function readPid(file: string): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return pid > 0 ? pid : undefined;
}

/** Whether the process that started this postmaster still lives. */
async function hasItsStarter(home: PostgresHome, pid: number): Promise<boolean> {
  const starter = await readPid(starterFile(home));
  if (starter === undefined) return false;
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const parent = /^PPid:\s*(\d+)$/m.exec(status)?.[1];
  // An orphan gets another parent at once, even while the dead one awaits collection.
  return parent === undefined ? isAlive(starter) : Number(parent) === starter;
}

/**
 * Stops the PostgreSQL that a killed process left running on this data.
 *
 * @throws Error when a living process is using it
 */
export async function stopOrphan(home: PostgresHome): Promise<void> {
  const pid = await readPid(path.join(home.dataDir, 'postmaster.pid'));
  if (pid === undefined || !(await isOurPostmaster(home, pid))) return;
  if (await hasItsStarter(home, pid)) {
    throw new Error(
      `PostgreSQL in ${home.stateDir} is in use by another process, already running.`,
    );
  }
  const deadline = Date.now() + 3 * PATIENCE_MS;
  await shutDownPostmaster(home, pid, async () => {
    while (Date.now() < deadline && (await isOurPostmaster(home, pid))) await delay(20);
  });
}
