import { type CommandIo, describeError, EXIT } from '../../shared/command.ts';
import { counterTable, describeFailure, progressLines } from '../../shared/command-report.ts';
import type { Normalize, NormalizeResult } from './normalize.ts';
import { type NormalizeArguments, parseNormalizeArguments, USAGE } from './normalize-arguments.ts';

/** The use-case with all that it holds open. */
export interface OpenNormalizer {
  normalize: Normalize;
  close(): Promise<void>;
}

/**
 * `npm run wishlist:normalize`. Resolves with the exit status.
 *
 * @param open throws what is wrong with the configuration
 */
export async function runNormalizeCommand(
  argv: string[],
  io: CommandIo,
  open: () => OpenNormalizer | Promise<OpenNormalizer>,
): Promise<number> {
  let options: NormalizeArguments;
  try {
    options = parseNormalizeArguments(argv);
  } catch (error) {
    io.stderr.write(`${describeError(error)}\nSee npm run wishlist:normalize -- --help\n`);
    return EXIT.usage;
  }
  if (options.help) {
    io.stdout.write(USAGE);
    return EXIT.ok;
  }
  let normalizer: OpenNormalizer | undefined;
  const onAbort = () => io.stderr.write('Finishing what is in work.\n');
  io.signal.addEventListener('abort', onAbort, { once: true });
  try {
    normalizer = await open();
    const { dryRun, batchSize } = options;
    const tell = progressLines(io.stderr);
    const onProgress = (lookedAt: number) => tell(lookedAt, 'items');
    const result = await normalizer.normalize({ dryRun, batchSize, signal: io.signal, onProgress });
    io.stdout.write(options.json ? `${JSON.stringify(result)}\n` : table(result, dryRun));
    if (!io.signal.aborted) return EXIT.ok;
    io.stderr.write('Interrupted: the rest is left to the next run.\n');
    return EXIT.interrupted;
  } catch (error) {
    io.stderr.write(describeFailure(error));
    return EXIT.failed;
  } finally {
    io.signal.removeEventListener('abort', onAbort);
    await normalizer?.close();
  }
}

const WORDS: Record<keyof NormalizeResult, string> = {
  looked_at: 'looked at',
  normalized: 'given their key',
  other_bucket: 'left: in another bucket',
  other_site: 'left: on another site',
  not_a_url: 'left: no URL',
  outside_public_prefix: 'left: not under uploads/wishlist/',
  no_usable_key: 'left: our bucket, but no usable key',
  bare_plus_sign: 'left: a plus sign that S3 reads as a space',
  pinned_version: 'left: one version of an object',
  changed_meanwhile: 'left: changed meanwhile',
};

function table(result: NormalizeResult, dryRun: boolean): string {
  const rows = Object.entries({
    ...WORDS,
    ...(dryRun && { normalized: 'would be given their key' }),
  }) as [keyof NormalizeResult, string][];
  return counterTable(rows, result, { dryRun });
}
