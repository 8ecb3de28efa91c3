import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A process that was started to be measured from outside. */
export interface Launched {
  pid: number;
  /** Where it listens, on 127.0.0.1. */
  port: number;
  /** From its start to the first answer that says ready, in milliseconds. */
  readyMs: number;
  /** Null while it runs; else what it ended with. */
  endedWith(): string | number | null;
  /** SIGTERM, and its end; by force after a while. */
  stop(): Promise<void>;
}

export interface LaunchOptions {
  args: string[];
  env: NodeJS.ProcessEnv;
  /** Answers 200 once it is ready. */
  path: string;
  signal?: AbortSignal | undefined;
}

const STOP_MS = 10_000;
const TAIL_LENGTH = 2_000;

/** Starts Node with a script that writes a line of JSON with its port, and waits until it is ready. */
export async function launch({ args, env, path, signal }: LaunchOptions): Promise<Launched> {
  signal?.throwIfAborted();
  const startedAt = performance.now();
  // A process group of its own: a terminal's Ctrl-C is for the bench, which ends what it started.
  const child = spawn(process.execPath, args, {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', kill);
  const ended = once(child, 'close').finally(() => signal?.removeEventListener('abort', kill));

  async function stop(): Promise<void> {
    child.kill('SIGTERM');
    const timer = setTimeout(kill, STOP_MS);
    await ended;
    clearTimeout(timer);
  }

  try {
    const port = await portOf(child);
    const answer = await fetch(`http://127.0.0.1:${port}${path}`);
    await answer.arrayBuffer();
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
    const readyMs = performance.now() - startedAt;
    const endedWith = () => child.exitCode ?? child.signalCode;
    return { pid: child.pid ?? 0, port, readyMs, endedWith, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** From the first line that names one; all others are read and dropped. */
function portOf(child: ChildProcess): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let complaints = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-TAIL_LENGTH);
  });
  if (child.stdout) {
    createInterface(child.stdout).on('line', (line) => {
      const port = /"port":(\d+)/.exec(line)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
  }
  child.once('error', reject);
  child.once('close', () => reject(new Error(`the process did not start. ${complaints}`)));
  return promise;
}
