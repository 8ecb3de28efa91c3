import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { tellOnFailure } from './tell-on-failure.ts';

export interface EndedCommand {
  status: number | null;
  stdout: string;
  /** Without lines that say how far it is. */
  stderr: string;
}

export interface CommandProcess {
  child: ChildProcessByStdio<null, Readable, Readable>;
  ended: Promise<EndedCommand>;
  /** What has come on standard error. */
  said(): string;
}

/** Said every few seconds: whether at all depends on the machine. */
const PROGRESS = [
  /^\d+ .* so far\n/gm,
  /^(\[[#-]+\] )?\d+( of \d+)? objects, [\d.]+\/s(, .+ left)?\n/gm,
  /^dlq: (\d+( of( about)? \d+)? read|\d+ of \d+ done|giving \d+ back)\n/gm,
];

export function withoutProgress(stderr: string): string {
  return PROGRESS.reduce((text, lines) => text.replace(lines, ''), stderr);
}

/** Runs a command of the service as a process of its own, with this environment and `PATH` only. */
export function startCommand(
  entry: string,
  args: readonly string[],
  environment: Record<string, string | undefined>,
): CommandProcess {
  const child = spawn(process.execPath, [entry, ...args], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  tellOnFailure(`${entry} ${args.join(' ')}`, () => `${stdout}\n${stderr}`);
  const ended = new Promise<EndedCommand>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, stdout, stderr: withoutProgress(stderr) }));
  });
  return { child, ended, said: () => stderr };
}
