import { type CommandIo, describeError, EXIT, type TextOutput } from '../../shared/command.ts';
import { parseReapArguments, type ReapArguments, USAGE } from './arguments.ts';
import type { Reap, ReapResult, Scanned } from './reap.ts';

/** The reaper with all that it holds open. */
export interface OpenReaper {
  reap: Reap;
  close(): Promise<void>;
}

/** Runs shorter than this say nothing before their end. */
const PROGRESS_MS = 2_000;

/**
 * `npm run reap`. Resolves with the exit status.
 *
 * @param open throws what is wrong with the configuration
 */
export async function runReapCommand(
  argv: string[],
  io: CommandIo,
  open: () => OpenReaper | Promise<OpenReaper>,
): Promise<number> {
  let options: ReapArguments;
  try {
    options = parseReapArguments(argv);
  } catch (error) {
    io.stderr.write(`${describeError(error)}\nSee npm run reap -- --help\n`);
    return EXIT.usage;
  }
  if (options.help) {
    io.stdout.write(USAGE);
    return EXIT.ok;
  }
  let reaper: OpenReaper | undefined;
  const onAbort = () => io.stderr.write('Finishing what is in work.\n');
  io.signal.addEventListener('abort', onAbort, { once: true });
  try {
    reaper = await open();
    const result = await reaper.reap({
      dryRun: options.dryRun,
      olderThanSeconds: options.olderThanSeconds,
      signal: io.signal,
      onProgress: progressOn(io.stderr),
    });
    io.stdout.write(options.json ? `${JSON.stringify(result)}\n` : table(result, options));
    if (io.signal.aborted) io.stderr.write('Interrupted: the rest is left to the next run.\n');
    if (result.errors > 0) return EXIT.failed;
    return io.signal.aborted ? EXIT.interrupted : EXIT.ok;
  } catch (error) {
    // A message about the configuration has a line for each variable.
    const text = error instanceof Error && error.name === 'ConfigError' ? error.message : null;
    io.stderr.write(`${text ?? describeError(error)}\n`);
    return EXIT.failed;
  } finally {
    io.signal.removeEventListener('abort', onAbort);
    await reaper?.close();
  }
}

function progressOn(output: TextOutput): (scanned: Scanned) => void {
  let nextAt = Date.now() + PROGRESS_MS;
  return ({ what, count }) => {
    if (Date.now() < nextAt) return;
    nextAt = Date.now() + PROGRESS_MS;
    output.write(`${count} ${what} so far\n`);
  };
}

const DONE: readonly (readonly [keyof ReapResult, string])[] = [
  ['looked_at', 'looked at'],
  ['ready', 'became ready'],
  ['failed', 'failed'],
  ['never_uploaded', 'failed, never uploaded'],
  ['orphans_deleted', 'orphans deleted'],
  ['overwrites_deleted', 'overwrites deleted'],
  ['errors', 'errors'],
];

const WOULD_BE_DONE: readonly (readonly [keyof ReapResult, string])[] = [
  ['looked_at', 'looked at'],
  ['would_be_validated', 'would be validated'],
  ['never_uploaded', 'would fail, never uploaded'],
  ['orphans_deleted', 'orphans would be deleted'],
  ['overwrites_deleted', 'overwrites would be deleted'],
  ['errors', 'errors'],
];

function table(result: ReapResult, { dryRun }: ReapArguments): string {
  const rows = dryRun ? WOULD_BE_DONE : DONE;
  const wordsWidth = Math.max(...rows.map(([, words]) => words.length));
  const width = Math.max(...rows.map(([counter]) => String(result[counter]).length));
  const lines = rows.map(
    ([counter, words]) =>
      `${words.padEnd(wordsWidth)}  ${String(result[counter]).padStart(width)}\n`,
  );
  return `${dryRun ? 'Dry run: nothing was changed.\n' : ''}${lines.join('')}`;
}
