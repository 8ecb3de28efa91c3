import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  realpath,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type RunAs, usableBinaries } from './postgres-binaries.ts';

/** User and group `nobody` of Linux: PostgreSQL refuses to run as root. */
const NOBODY = 65534;

/** With retries: an initdb that outlived its parent may still be adding files. */
const FOR_GOOD = { recursive: true, force: true, maxRetries: 5, retryDelay: 200 };

/** Where PostgreSQL lives on this machine, and as whom. */
export interface PostgresHome {
  /** Ours alone: the password, the log, who started it. */
  stateDir: string;
  /** Holds the data directory; PostgreSQL's user can enter it. */
  home: string;
  dataDir: string;
  binaries: string;
  runAs: RunAs;
}

/** Whether a user who owns nothing here can get to this directory. */
async function othersCanEnter(directory: string): Promise<boolean> {
  const { mode } = await stat(directory);
  if ((mode & 0o001) === 0) return false;
  const parent = path.dirname(directory);
  return parent === directory || othersCanEnter(parent);
}

function outsideHomeFile(stateDir: string): string {
  return path.join(stateDir, 'home');
}

/** The home outside `stateDir` that an earlier start chose, if it is still there and still ours. */
async function rememberedHome(stateDir: string): Promise<string | undefined> {
  const home = await readFile(outsideHomeFile(stateDir), 'utf8').catch(() => '');
  if (home === '') return undefined;
  const found = await lstat(home).catch(() => undefined);
  return found?.isDirectory() && found.uid === 0 ? home : undefined;
}

/**
 * Makes a home where `nobody` can go. Its name is random and kept in `stateDir`, so that a fresh
 * clone at the same path never meets the database of an earlier one.
 */
async function makeOutsideHome(stateDir: string): Promise<string> {
  for (const parent of ['/var/tmp', os.tmpdir()]) {
    if (!(await othersCanEnter(parent).catch(() => false))) continue;
    const home = await mkdtemp(path.join(parent, 'media-api-postgres-')).catch(() => undefined);
    if (home === undefined) continue;
    await chmod(home, 0o711);
    await writeFile(outsideHomeFile(stateDir), home, { mode: 0o600 });
    return home;
  }
  throw new Error(
    'PostgreSQL cannot run as root, and user nobody can enter neither the checkout nor /var/tmp.',
  );
}

async function homeForNobody(stateDir: string): Promise<string> {
  await chmod(stateDir, 0o711);
  const remembered = await rememberedHome(stateDir);
  if (remembered !== undefined) return remembered;
  if (await othersCanEnter(stateDir)) return stateDir;
  if (await stat(path.join(stateDir, 'data')).catch(() => undefined)) {
    throw new Error(
      `User nobody, as whom PostgreSQL runs, can no longer enter ${stateDir}. Let others pass (chmod o+x on its parents), or remove it to begin with an empty database.`,
    );
  }
  return makeOutsideHome(stateDir);
}

/**
 * Decides where PostgreSQL's files are and makes the directories. Everything is in `stateDir`,
 * except when root starts it in a place `nobody` cannot enter, such as a checkout under /root.
 *
 * @throws Error when the data belongs to another user, or when no place can be found
 */
export async function preparePostgresHome(givenStateDir: string): Promise<PostgresHome> {
  await mkdir(givenStateDir, { recursive: true });
  const stateDir = await realpath(givenStateDir);
  const asRoot = process.getuid?.() === 0;
  const runAs: RunAs = asRoot ? { uid: NOBODY, gid: NOBODY } : {};
  const home = asRoot ? await homeForNobody(stateDir) : stateDir;
  const dataDir = path.join(home, 'data');
  const data = await stat(dataDir).catch(() => undefined);
  const wanted = asRoot ? NOBODY : process.getuid?.();
  if (data !== undefined && wanted !== undefined && data.uid !== wanted) {
    throw new Error(
      `${dataDir} belongs to another user (${data.uid}): start as the user who made it, or remove ${stateDir}.`,
    );
  }
  return { stateDir, home, dataDir, binaries: await usableBinaries(home, runAs), runAs };
}

/** Removes all files of a stopped PostgreSQL: `stateDir`, and its home where that is elsewhere. */
export async function removePostgresFiles(stateDir: string): Promise<void> {
  const home = process.getuid?.() === 0 ? await rememberedHome(stateDir) : undefined;
  if (home !== undefined) await rm(home, FOR_GOOD);
  await rm(stateDir, FOR_GOOD);
}
