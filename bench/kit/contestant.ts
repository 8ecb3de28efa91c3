import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { FromContestant, ToContestant } from './contestant-process.ts';

/** A process of its own that is measured, and measures itself: see contestant-process.ts. */
export interface Contestant {
  /**
   * Has it do one piece of work.
   *
   * @param onStarted called when it has begun to measure
   * @throws Error when the work fails or the process ends over it
   */
  ask<Answer>(command: unknown, onStarted?: () => Promise<void>): Promise<Answer>;
  /** Its end in order; by force when that takes too long. */
  stop(): Promise<void>;
}

export interface ContestantOptions {
  args?: readonly string[];
  env?: NodeJS.ProcessEnv;
  execArgv?: readonly string[];
  /** Ends it at once when aborted. */
  signal?: AbortSignal | undefined;
}

const STOP_MS = 5_000;

/** Starts one and waits until it is ready. */
export async function startContestant(
  file: URL,
  { args = [], env = process.env, execArgv = [], signal }: ContestantOptions = {},
): Promise<Contestant> {
  signal?.throwIfAborted();
  const child = fork(file, [...args], {
    env,
    execArgv: [...execArgv],
    serialization: 'advanced',
    // A process group of its own: a terminal's Ctrl-C is for the bench, which ends its contestants.
    detached: true,
  });
  const kill = () => child.kill('SIGKILL');
  signal?.addEventListener('abort', kill);
  const ended = once(child, 'exit').finally(() => signal?.removeEventListener('abort', kill));

  async function stop(): Promise<void> {
    if (child.connected) child.send({ kind: 'stop' } satisfies ToContestant);
    const timer = setTimeout(kill, STOP_MS);
    await ended;
    clearTimeout(timer);
  }

  try {
    await nextAnswer(child);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    async ask<Answer>(command: unknown, onStarted?: () => Promise<void>) {
      const answer = nextAnswer(child, onStarted);
      if (child.connected) child.send({ kind: 'work', command } satisfies ToContestant);
      return (await answer) as Answer;
    },
    stop,
  };
}

function nextAnswer(child: ChildProcess, onStarted?: () => Promise<void>): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const onExit = (code: number | null, signal: string | null) =>
    reject(new Error(`a process that was measured ended with ${code ?? signal}`));
  const onMessage = (message: FromContestant) => {
    if (message.kind === 'started') void onStarted?.().catch(reject);
    else if (message.kind === 'failed') reject(new Error(message.reason));
    else resolve(message.answer);
  };
  child.on('exit', onExit).on('message', onMessage).on('error', reject);
  if (child.exitCode !== null || child.signalCode !== null)
    onExit(child.exitCode, child.signalCode);
  return promise.finally(() => {
    child.off('exit', onExit).off('message', onMessage).off('error', reject);
  });
}
