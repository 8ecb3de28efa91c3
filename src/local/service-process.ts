import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** How long after a crash the next try comes; grows with crashes in a row, in milliseconds. */
const FIRST_RESTART_MS = 200;
const LONGEST_RESTART_MS = 5_000;
/** A process that ran this long was healthy: its end starts the count of crashes anew. */
const HEALTHY_MS = 10_000;

export interface ServiceProcessOptions {
  name: string;
  /** The TypeScript file to run. */
  entry: URL;
  env: NodeJS.ProcessEnv;
  logFile: string;
  /** The log event that says that it is up. */
  readyEvent: string;
  /** Told when the process ended without being asked to, and is started again. */
  onCrash: (name: string, status: number | NodeJS.Signals | null) => void;
}

export interface ServiceProcess {
  /** SIGTERM, then wait for its end. */
  stop(): Promise<void>;
  /** SIGKILL, without waiting. */
  kill(): void;
}

/**
 * Runs one process of the service and starts it again whenever it dies. Resolves when it is up;
 * rejects when it ends before that for the first time, with what it wrote to standard error.
 */
export async function startServiceProcess(options: ServiceProcessOptions): Promise<ServiceProcess> {
  const log = createWriteStream(options.logFile, { flags: 'a', mode: 0o600 });
  let stopping = false;
  let current = launch(options, log);
  await current.ready;
  void supervise();

  async function supervise(): Promise<void> {
    let crashes = 0;
    while (!stopping) {
      const startedAt = performance.now();
      const status = await current.ended;
      if (stopping) return;
      crashes = performance.now() - startedAt > HEALTHY_MS ? 1 : crashes + 1;
      options.onCrash(options.name, status);
      await sleep(Math.min(FIRST_RESTART_MS * 2 ** (crashes - 1), LONGEST_RESTART_MS));
      if (stopping) return;
      current = launch(options, log);
      current.ready.catch(() => {}); // its end is seen above
    }
  }

  return {
    async stop() {
      stopping = true;
      current.child.kill('SIGTERM');
      await current.ended;
      log.end();
      await once(log, 'close');
    },
    kill() {
      stopping = true;
      current.child.kill('SIGKILL');
    },
  };
}

interface Launched {
  child: ChildProcess;
  ready: Promise<void>;
  ended: Promise<number | NodeJS.Signals | null>;
}

function launch(
  { entry, env, readyEvent, name }: ServiceProcessOptions,
  log: NodeJS.WritableStream,
): Launched {
  const child = spawn(
    process.execPath,
    [
      '--enable-source-maps',
      '--import',
      import.meta.resolve('./exit-with-parent.ts'),
      fileURLToPath(entry),
    ],
    {
      env,
      // A process group of its own: a terminal's Ctrl-C is for the stack, which stops its parts in order.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal));
    child.once('error', () => resolve(null));
  });
  let complaints = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-4_000);
    log.write(chunk);
  });
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  if (child.stdout) {
    createInterface(child.stdout).on('line', (line) => {
      log.write(`${line}\n`);
      if (line.includes(`"msg":"${readyEvent}"`)) resolve();
    });
  }
  void ended.then(() => reject(new Error(`The ${name} did not start.\n${complaints}`)));
  return { child, ready, ended };
}
