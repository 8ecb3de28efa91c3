import { type CommandIo, describeError, EXIT } from '../../shared/command.ts';
import { counterTable, describeFailure, progressLines } from '../../shared/command-report.ts';
import { parseReapArguments, type ReapArguments, USAGE } from './arguments.ts';
import type { Reap, ReapResult } from './reap.ts';

/** The reaper with all that it holds open. */
export interface OpenReaper {
  reap: Reap;
  close(): Promise<void>;
}

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
    const tell = progressLines(io.stderr);
    const result = await reaper.reap({
      dryRun: options.dryRun,
      olderThanSeconds: options.olderThanSeconds,
      signal: io.signal,
      onProgress: ({ count, what }) => tell(count, what),
    });
    io.stdout.write(
      options.json
        ? `${JSON.stringify(result)}\n`
        : counterTable(options.dryRun ? WOULD_BE_DONE : DONE, result, options),
    );
    if (io.signal.aborted) io.stderr.write('Interrupted: the rest is left to the next run.\n');
    if (result.errors > 0) return EXIT.failed;
    return io.signal.aborted ? EXIT.interrupted : EXIT.ok;
  } catch (error) {
    io.stderr.write(describeFailure(error));
    return EXIT.failed;
  } finally {
    io.signal.removeEventListener('abort', onAbort);
    await reaper?.close();
  }
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
