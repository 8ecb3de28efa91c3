/** Where the text of a command goes. */
export interface TextOutput {
  write(text: string): unknown;
  isTTY?: boolean | undefined;
}

/** What a command has to do with the world, so that tests can stand in for it. */
export interface CommandIo {
  stdin: NodeJS.ReadableStream & { isTTY?: boolean | undefined };
  stdout: TextOutput;
  stderr: TextOutput;
  /** Aborted by Ctrl-C, SIGTERM, a closed terminal, or when nobody reads the output any more. */
  signal: AbortSignal;
}

/** Of every command here: see its `--help`. */
export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** npm passes on the signal that the terminal has sent to the command already. */
const ECHO_MS = 1_000;

/**
 * Runs a command as this process. A signal asks it to come to an orderly end; another one, later
 * than npm's echo of the first, ends it at once.
 *
 * @param run resolves with the exit status
 */
export async function runCommand(run: (io: CommandIo) => Promise<number>): Promise<void> {
  const interrupted = new AbortController();
  let interruptedAt = 0;

  function onSignal(): void {
    if (interrupted.signal.aborted && Date.now() - interruptedAt > ECHO_MS) {
      process.exit(EXIT.interrupted);
    }
    interruptedAt ||= Date.now();
    interrupted.abort();
  }

  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
  const { stdin, stdout, stderr } = process;
  for (const output of [stdout, stderr]) output.on('error', () => interrupted.abort());
  // Not process.exit(): what was written to a pipe is not through yet.
  process.exitCode = await run({ stdin, stdout, stderr, signal: interrupted.signal });
}

/** Any error as words on one line, never its stack. */
export function describeError(error: unknown): string {
  // The SDK's and Node's network errors may have no message, only a code or a name.
  const text = ['message', 'code', 'name'].map((name) => property(error, name)).find(Boolean);
  return (text ?? String(error)).replace(/\s+/g, ' ').trim();
}

/** Not `instanceof Error`: not every error is one (another realm's, a DOMException). */
function property(error: unknown, name: string): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value : undefined;
}
