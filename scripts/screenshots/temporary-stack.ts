import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { choosePorts } from '../../src/local/choose-ports.ts';
import { removePostgresFiles } from '../../src/local/postgres-home.ts';
import { startStack } from '../../src/local/stack.ts';

const FIRST_PORT = 16_000;

/** Runs `use` beside a stack of its own, which is empty at first and gone afterwards. */
export async function withTemporaryStack(use: (api: string) => Promise<void>): Promise<void> {
  const stateDir = await mkdtemp(path.join(os.tmpdir(), 'screenshots-'));
  try {
    const { ports } = await choosePorts(FIRST_PORT, false);
    const stack = await startStack({
      stateDir,
      ports,
      onProgress: () => {},
      onProblem: (part, error) => console.error(`${part}: ${error}`),
    });
    try {
      await use(stack.file.api);
    } finally {
      await stack.stop();
    }
  } finally {
    await removePostgresFiles(path.join(stateDir, 'postgres'));
    await rm(stateDir, { recursive: true });
  }
}
