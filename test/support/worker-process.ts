import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type LogLine, lastLines } from './log.ts';
import { tellOnFailure } from './tell-on-failure.ts';

/** A role of the service as in production: a process of its own. */
export interface WorkerProcess {
  pid: number;
  lines: LogLine[];
  /** What it wrote to standard error. */
  complaints(): string;
  /** The first line, past or future, with this event. Rejects when the process ends without one. */
  logged(event: string): Promise<LogLine>;
  kill(signal: NodeJS.Signals): void;
  /** The exit status, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals | null>;
}

/** Starts the worker with this environment and nothing else. End it with `kill`. */
export function startWorkerProcess(environment: Record<string, string | undefined>): WorkerProcess {
  return startRole('worker', environment);
}

/** The same for any role: `api` is src/start/api.ts. */
export function startRole(
  role: 'api' | 'worker',
  environment: Record<string, string | undefined>,
): WorkerProcess {
  const entry = path.resolve(import.meta.dirname, `../../src/start/${role}.ts`);
  const child: ChildProcess = spawn(process.execPath, [entry], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  let complaints = '';
  let hasEnded = false;
  const tellAll = () => waiting.forEach((look) => void look());

  child.stderr?.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  if (child.stdout) {
    createInterface(child.stdout).on('line', (line) => {
      lines.push(JSON.parse(line));
      tellAll();
    });
  }
  tellOnFailure(`worker process ${child.pid}`, () => `${lastLines(lines)}\n${complaints}`);
  const ended = once(child, 'close').then(([code, signal]) => {
    hasEnded = true;
    tellAll();
    return code ?? signal;
  });

  return {
    pid: child.pid ?? 0,
    lines,
    complaints: () => complaints,
    logged: (event) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const line = lines.find(({ msg }) => msg === event);
          if (line) resolve(line);
          else if (hasEnded) reject(new Error(`the ${role} ended without ${event}: ${complaints}`));
          else return;
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      }),
    kill: (signal) => child.kill(signal),
    ended,
  };
}
