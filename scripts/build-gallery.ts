import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/**
 * Builds the gallery's page, into dist/gallery-ui.
 * With --if-stale only when a source of it has changed since the last time.
 */
const SOURCES = [
  'src/gallery-ui/**/*.*',
  'src/generated/gallery/**/*.*',
  'scripts/gallery/*.ts',
  'vite.config.ts',
  'package-lock.json',
];
const PAGE = 'dist/gallery-ui/index.html';
const STAMP = 'dist/gallery-ui.stamp';

function fingerprint(): string {
  const hash = createHash('sha256');
  for (const file of globSync(SOURCES).sort())
    hash.update(file).update('\0').update(readFileSync(file));
  return hash.digest('hex');
}

const current = fingerprint();
const upToDate = existsSync(PAGE) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === current;
if (!(process.argv.includes('--if-stale') && upToDate)) {
  console.log('Building the gallery page ...');
  rmSync(STAMP, { force: true });
  const { status, stdout, stderr, error } = spawnSync('vite', ['build', '--logLevel', 'warn'], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    console.error(`vite build failed\n${error ?? ''}${stdout}${stderr}`);
    process.exit(1);
  }
  writeFileSync(STAMP, current);
}
