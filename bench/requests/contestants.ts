import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { nextMessage } from '../kit/next-message.ts';
import type { Command, CpuTime, Drive, Driven, Ready } from './messages.ts';
import { type RequestSurroundings, startRequestSurroundings } from './surroundings.ts';

/** A process under test that answers requests. */
export interface Contestant {
  port: number;
  /** CPU time since its start, in microseconds. */
  cpu(): Promise<number>;
}

/** What `withContestants` hands out: the processes, what they know, and who asks them. */
export interface Arena {
  ids: string[];
  start(program: Program, key?: 'ecdsa' | 'rsa'): Promise<Contestant>;
  /** Sends requests; rejects when an answer is not as expected. */
  drive(drive: Drive): Promise<void>;
}

export type Program = 'api' | 'lean' | 'naive';

/** Runs `use` with a database, a driver and what it starts; afterwards nothing of it is left. */
export async function withContestants<Result>(
  use: (arena: Arena) => Promise<Result>,
): Promise<Result> {
  const surroundings = await startRequestSurroundings();
  const children: ChildProcess[] = [];
  try {
    return await use(await openArena(surroundings, children));
  } finally {
    await Promise.all(children.map(end));
    await surroundings.close();
  }
}

async function openArena(
  { ids, environment }: RequestSurroundings,
  children: ChildProcess[],
): Promise<Arena> {
  async function spawn(name: string, env: NodeJS.ProcessEnv) {
    // The log is written as in production, to where nobody reads it.
    const child = fork(path.join(import.meta.dirname, `${name}-process.ts`), {
      env,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    children.push(child);
    return { child, first: await nextMessage(child) };
  }

  const { child: driver } = await spawn('driver', { PATH: process.env.PATH });
  return {
    ids,
    async start(program, key = 'ecdsa') {
      const { child, first } = await spawn(program, environment(key));
      const { port } = first as Ready;
      return {
        port,
        async cpu() {
          const answer = nextMessage(child);
          child.send('cpu' satisfies Command);
          return ((await answer) as CpuTime).cpuMicroseconds;
        },
      };
    },
    async drive(drive) {
      const answer = nextMessage(driver);
      driver.send(drive);
      const { problem } = (await answer) as Driven;
      if (problem !== null) throw new Error(problem);
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  // The driver has nothing to close, and ends as soon as nobody talks to it any more.
  if (child.spawnargs.some((argument) => argument.endsWith('driver-process.ts')))
    child.disconnect();
  else child.send('stop' satisfies Command);
  await ended;
}
