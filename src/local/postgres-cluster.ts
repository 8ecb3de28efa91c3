import { randomBytes } from 'node:crypto';
import { chown, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { programPath, runProgram } from './postgres-binaries.ts';
import type { PostgresHome } from './postgres-home.ts';

/** Everything with this prefix is of an initialization under way, or of one cut short. */
const UNFINISHED = 'unfinished-';

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}

/** The superuser's password: made once, kept where only we can read it. */
async function readOrMakePassword(home: PostgresHome): Promise<string> {
  const file = path.join(home.stateDir, 'password');
  if (await exists(file)) return readFile(file, 'utf8');
  if (await exists(home.dataDir)) {
    throw new Error(`${file} is gone; remove ${home.stateDir} to begin with an empty database.`);
  }
  const password = randomBytes(24).toString('base64url');
  await writeFile(`${file}.new`, password, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return password;
}

async function giveToPostgres(file: string, { runAs }: PostgresHome): Promise<void> {
  if ('uid' in runAs) await chown(file, runAs.uid, runAs.gid);
}

async function initialize(home: PostgresHome, password: string): Promise<void> {
  const suffix = randomBytes(4).toString('hex');
  const directory = path.join(home.home, `${UNFINISHED}data-${suffix}`);
  const passwordFile = path.join(home.home, `${UNFINISHED}password-${suffix}`);
  try {
    await mkdir(directory, { mode: 0o700 });
    await writeFile(passwordFile, password, { mode: 0o600, flag: 'wx' });
    await giveToPostgres(directory, home);
    await giveToPostgres(passwordFile, home);
    await runProgram(
      programPath(home.binaries, 'initdb'),
      [
        ...['-D', directory, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`],
        // Sorting and case rules that are the same on every machine.
        ...['-E', 'UTF8', '--no-locale'],
        // The power failing within this second is a risk a development database can take.
        '--no-sync',
      ],
      { runAs: home.runAs, cwd: home.home },
    );
    // Whole or not at all: an initdb killed halfway leaves no data directory to be trusted.
    await rename(directory, home.dataDir);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Makes the database cluster if there is none yet.
 *
 * @returns the superuser's password
 * @throws Error when initdb fails, or when the password of an existing cluster is lost
 */
export async function ensureCluster(home: PostgresHome): Promise<string> {
  for (const name of await readdir(home.home)) {
    if (name.startsWith(UNFINISHED)) {
      await rm(path.join(home.home, name), { recursive: true, force: true });
    }
  }
  const password = await readOrMakePassword(home);
  if (!(await exists(home.dataDir))) await initialize(home, password);
  return password;
}
