import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/**
 * Makes src/generated: the Prisma client, the GraphQL resolver types and the page's typed documents.
 * With --if-stale only when a source of them has changed since the last time.
 */
const SOURCES = [
  'schema.graphql',
  'codegen.ts',
  'src/gallery-ui/api/documents.graphql.ts',
  'prisma/schema.prisma',
  'package-lock.json',
];
const STAMP = 'src/generated/.stamp';

function fingerprint(): string {
  const hash = createHash('sha256');
  for (const source of SOURCES) hash.update(readFileSync(source));
  return hash.digest('hex');
}

function run(command: string, args: string[], env: Record<string, string> = {}): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  if (status === 0) return;
  console.error(`${command} ${args.join(' ')} failed\n${error ?? ''}${stdout}${stderr}`);
  process.exit(1);
}

const upToDate = existsSync(STAMP) && readFileSync(STAMP, 'utf8') === fingerprint();
if (!(process.argv.includes('--if-stale') && upToDate)) {
  // Prisma's CLI wants to download an engine that `generate` never runs; it only checks that the
  // file it is told of exists.
  run('prisma', ['generate'], { PRISMA_SCHEMA_ENGINE_BINARY: './package.json' });
  run('graphql-codegen', []);
  writeFileSync(STAMP, fingerprint());
}
