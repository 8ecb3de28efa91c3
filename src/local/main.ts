import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { banner } from './banner.ts';
import { choosePorts } from './choose-ports.ts';
import { stopAbandonedDatabase } from './parts.ts';
import { startStack } from './stack.ts';
import { readStackFile, type StackFile, stackFilePath } from './stack-file.ts';

const HELP = `Usage: npm start [-- OPTIONS]

Runs the Media API and everything it needs on this machine: PostgreSQL, S3, SQS, the edge, the
API and the worker. State is kept in .local/ and found again by the next start.

  --port N      the API's port; edge, S3, SQS, PostgreSQL, the API's metrics
                and the worker's health take the six after it (default 4000)
  --state DIR   where state is kept (default .local)
  --help        this text

Settings of the service (LOG_LEVEL, S3_MAX_INGEST_SIZE_BYTES, ...) are taken from the environment.
`;

const DEFAULT_PORT = 4000;
const HIGHEST_FIRST_PORT = 65_530;
const DEFAULT_STATE_DIR = path.join(import.meta.dirname, '../../.local');

function parseArguments(): { help: boolean; port: number; stateDir: string } {
  const { values } = parseArgs({
    options: {
      help: { type: 'boolean', short: 'h' },
      port: { type: 'string' },
      state: { type: 'string' },
    },
  });
  const port = Number(values.port ?? DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 1 || port > HIGHEST_FIRST_PORT) {
    throw new Error(`--port must be a whole number from 1 to ${HIGHEST_FIRST_PORT}`);
  }
  const stateDir = path.resolve(values.state ?? DEFAULT_STATE_DIR);
  return { help: values.help ?? false, port, stateDir };
}

/** A stack that runs in this checkout already, unless its process is gone or no stack any more. */
async function findRunningStack(stateDir: string): Promise<StackFile | null> {
  const stack = await readStackFile(stateDir);
  if (!stack || stack.pid === process.pid) return null;
  try {
    process.kill(stack.pid, 0);
    // Nothing listens there: at once. A busy machine answers, in its own time.
    await fetch(stack.s3, { signal: AbortSignal.timeout(15_000) });
    return stack;
  } catch {
    return null;
  }
}

async function main(): Promise<void> {
  const { help, port, stateDir } = parseArguments();
  if (help) {
    console.log(HELP);
    return;
  }
  const running = await findRunningStack(stateDir);
  if (running) {
    console.log(
      `The stack is running already (process ${running.pid}).\n${banner(running, stateDir)}`,
    );
    return;
  }
  const afterCrash = existsSync(stackFilePath(stateDir));
  if (afterCrash) await stopAbandonedDatabase(stateDir);
  const { ports, moved } = await choosePorts(port, afterCrash);
  for (const line of moved) console.log(line);

  const starting = startStack({
    stateDir,
    ports,
    onProgress: (what) => console.log(`Starting ${what} ...`),
    onProblem: (part, error) =>
      console.error(`${part}: ${error instanceof Error ? error.message : error}`),
  });
  stopOnSignal(
    async () => (await starting).stop(),
    () => void starting.then(({ kill }) => kill()),
  );
  console.log(banner((await starting).file, stateDir));
}

function stopOnSignal(stop: () => Promise<void>, kill: () => void): void {
  let stopping = false;
  const onSignal = () => {
    if (stopping) {
      kill();
      process.exit(130);
    }
    stopping = true;
    console.log('\nStopping (Ctrl-C again to force) ...');
    stop().then(
      () => {
        console.log('Stopped.');
        process.exit(0);
      },
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGHUP', onSignal);
}

function fail(error: unknown): never {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

await main().catch(fail);
