/**
 * Run by global-setup.ts beside Jest, with the state directory of its PostgreSQL as argument.
 * Its standard input ends when Jest ends, however that happens.
 */
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { preparePostgresHome, removePostgresFiles } from '../../src/local/postgres-home.ts';
import { stopOrphan } from '../../src/local/postgres-process.ts';

const [stateDir] = process.argv.slice(2);
if (stateDir === undefined) throw new Error('Usage: postgres-watchdog.ts <state directory>');

const jest = process.ppid;
for await (const _ of process.stdin);

if (existsSync(stateDir)) {
  // A dying process closes its files first and hands over its children last.
  while (process.ppid === jest) await delay(20);
  await stopOrphan(await preparePostgresHome(stateDir));
  await removePostgresFiles(stateDir);
}
