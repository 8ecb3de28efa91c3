import { execFile } from 'node:child_process';
import { cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const ROOT = path.resolve(import.meta.dirname, '../..');
const COMPILER = path.join(ROOT, 'node_modules/.bin/tsc');

/**
 * Compiles the service into a directory, laid out as in the image of the Dockerfile: what production
 * starts is JavaScript, not the sources.
 *
 * @returns the script that starts the API
 */
export async function buildService(directory: string, signal?: AbortSignal): Promise<string> {
  const outDir = path.join(directory, 'dist');
  await mkdir(outDir, { recursive: true });
  const args = ['-p', path.join(ROOT, 'tsconfig.build.json'), '--outDir', outDir];
  await promisify(execFile)(COMPILER, args, { cwd: ROOT, ...(signal && { signal }) });
  await writeFile(path.join(directory, 'package.json'), '{"type":"module"}');
  await cp(path.join(ROOT, 'schema.graphql'), path.join(directory, 'schema.graphql'));
  await symlink(path.join(ROOT, 'node_modules'), path.join(directory, 'node_modules'), 'junction');
  return path.join(outDir, 'start/api.js');
}
