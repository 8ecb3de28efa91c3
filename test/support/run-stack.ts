/**
 * A process of its own that runs the whole stack on a state directory of its own, until its
 * standard input ends: by the test's will, or because the test's process is gone.
 */
import { rm } from 'node:fs/promises';
import { choosePorts } from '../../src/local/choose-ports.ts';
import { removePostgresFiles } from '../../src/local/postgres-home.ts';
import { startStack } from '../../src/local/stack.ts';

const [stateDir, firstPort] = process.argv.slice(2);
if (stateDir === undefined) throw new Error('Usage: run-stack.ts <state directory> <first port>');

const { promise: told, resolve: stopNow } = Promise.withResolvers<void>();
process.stdin.once('end', stopNow).resume();
try {
  const { ports } = await choosePorts(Number(firstPort), false);
  const stack = await startStack({
    stateDir,
    ports,
    onProgress: () => {},
    onProblem: (part, error) => process.stderr.write(`${part}: ${error}\n`),
  });
  process.stdout.write('started\n');
  await told;
  await stack.stop();
} finally {
  await removePostgresFiles(stateDir);
  await rm(stateDir, { recursive: true });
}
