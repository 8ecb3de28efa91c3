import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { stopAbandonedDatabase } from '../../src/local/parts.ts';
import { removePostgresFiles } from '../../src/local/postgres-home.ts';
import { readStackFile, type StackFile } from '../../src/local/stack-file.ts';
import { eventually } from './eventually.ts';
import { childrenOf } from './processes.ts';
import { tellOnFailure } from './tell-on-failure.ts';

const MAIN = path.resolve(import.meta.dirname, '../../src/local/main.ts');
const READY = 'Media API is running';

/** The parts that are processes of their own, by what is in their command lines. */
const PARTS = { api: 'src/start/api.ts', worker: 'src/start/worker.ts', postgres: 'postgres' };
export type Part = keyof typeof PARTS;

/** A run of `npm start`. */
export interface StackRun {
  pid: number;
  /** Everything it printed. */
  output(): string;
  /** Resolves when it is ready; rejects when it ends before. */
  ready(): Promise<StackFile>;
  kill(signal: NodeJS.Signals): void;
  /** The exit status, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals | null>;
  /** The process id of a part; waits for one that is being started. */
  partPid(part: Part): Promise<number>;
}

/** Where stacks of one test file keep their state. */
export interface StackState {
  directory: string;
  /** Runs `src/local/main.ts` as a user would. */
  run(port: number, environment?: Record<string, string>): StackRun;
  /** Ends what still runs and removes everything. */
  remove(): Promise<void>;
}

export async function makeStackState(): Promise<StackState> {
  const parent = await mkdtemp(path.join(os.tmpdir(), 'stack-test-'));
  const directory = path.join(parent, 'state');
  const runs: StackRun[] = [];
  tellOnFailure('the stack, and the logs of its parts', async () =>
    [...runs.map((run) => run.output()), await logsOf(directory)].join('\n'),
  );
  return {
    directory,
    run(port, environment = {}) {
      const run = runStack(directory, port, environment);
      runs.push(run);
      return run;
    },
    async remove() {
      for (const run of runs) run.kill('SIGTERM');
      await Promise.all(runs.map(({ ended }) => ended));
      await stopAbandonedDatabase(directory);
      await removePostgresFiles(path.join(directory, 'postgres'));
      await rm(parent, { recursive: true });
    },
  };
}

function runStack(directory: string, port: number, environment: Record<string, string>): StackRun {
  const child: ChildProcess = spawn(
    process.execPath,
    [MAIN, '--state', directory, '--port', String(port)],
    {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A Ctrl-C is for Jest, which ends the stack in order.
      detached: true,
    },
  );
  let output = '';
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal);
  const printed = new Promise<void>((resolve, reject) => {
    const onData = (chunk: Buffer) => {
      output += chunk.toString();
      // The banner comes in one piece, its end last.
      if (output.includes(READY) && output.endsWith('\n\n')) resolve();
    };
    child.stdout?.on('data', onData);
    child.stderr?.on('data', onData);
    void ended.then((status) => reject(new Error(`the stack ended with ${status}:\n${output}`)));
  });
  printed.catch(() => {});
  const pid = child.pid ?? 0;

  return {
    pid,
    output: () => output,
    async ready() {
      await printed;
      const file = await readStackFile(directory);
      if (!file) throw new Error('the stack is ready and has written no stack.json');
      return file;
    },
    kill: (signal) => void child.kill(signal),
    ended,
    partPid: (part) =>
      eventually(async () => {
        const found = (await childrenOf(pid)).find(({ command }) => command.includes(PARTS[part]));
        if (!found) throw new Error(`the stack has no ${part} now:\n${output}`);
        return found.pid;
      }),
  };
}

const LOGS = ['postgres/postgres.log', 'logs/api.log', 'logs/worker.log'];
/** Of each log, the characters at its end. */
const TOLD = 1_500;

async function logsOf(directory: string): Promise<string> {
  const texts = LOGS.map(async (name) => {
    const text = await readFile(path.join(directory, name), 'utf8').catch(String);
    return `${name}: ${text.slice(-TOLD)}`;
  });
  return (await Promise.all(texts)).join('\n');
}
