import { type CommandIo, describeError, EXIT } from '../../src/shared/command.ts';
import { type MeasureArguments, parseMeasureArguments, USAGE } from './arguments.ts';
import { measure, type Plan } from './measure.ts';
import { formatReport, type Result } from './report.ts';
import { ratios, type Summary, summarise } from './summary.ts';

/**
 * `npm run cdn:measure`. Resolves with the exit status.
 *
 * @param stateDir where the running stack says how it is reached, for a run without URLs
 */
export async function runMeasureCommand(
  argv: string[],
  io: CommandIo,
  stateDir: string,
): Promise<number> {
  let options: MeasureArguments;
  try {
    options = parseMeasureArguments(argv);
  } catch (error) {
    io.stderr.write(`${describeError(error)}\nSee npm run cdn:measure -- --help\n`);
    return EXIT.usage;
  }
  if (options.help) {
    io.stdout.write(USAGE);
    return EXIT.ok;
  }
  try {
    const targets = await chooseTargets(options, io, stateDir);
    const results = await measureAll(targets, options, io);
    io.stdout.write(
      options.json ? `${JSON.stringify(toJson(results, options))}\n` : formatReport(results),
    );
    if (io.signal.aborted) {
      io.stderr.write('Interrupted: these are the samples up to now.\n');
      return EXIT.interrupted;
    }
    return results.every((result) => isGood(result, options)) ? EXIT.ok : EXIT.failed;
  } catch (error) {
    if (io.signal.aborted) return EXIT.interrupted;
    io.stderr.write(`${describeError(error)}\n`);
    return EXIT.failed;
  }
}

interface Target {
  url: URL;
  origin: URL | undefined;
}

async function chooseTargets(
  { urls, origins }: MeasureArguments,
  { stderr, signal }: CommandIo,
  stateDir: string,
): Promise<Target[]> {
  if (urls.length > 0) return urls.map((url, index) => ({ url, origin: origins[index] }));
  // Only here: it draws a sample and signs for S3, which measuring a URL has no need of.
  const { ingestLocalPicture } = await import('./local-picture.ts');
  stderr.write('Sending a sample through the stack that runs here.\n');
  return [await ingestLocalPicture(stateDir, signal)];
}

/** One after the other: two at a time would share the line, and measure each other. */
async function measureAll(
  targets: readonly Target[],
  { samples, concurrency, miss, target }: MeasureArguments,
  { stderr, signal }: CommandIo,
): Promise<Result[]> {
  const results: Result[] = [];
  const plan: Plan = { samples, concurrency, miss, signal };
  for (const { url, origin } of targets) {
    if (signal.aborted) break;
    if (stderr.isTTY) stderr.write(`Measuring ${url.host} ...\n`);
    const cdn = summarise(url, await measure(url, plan), target);
    let beside: Summary | null = null;
    if (origin !== undefined) {
      beside = summarise(origin, await measure(origin, { ...plan, miss: false }), undefined);
    }
    results.push({ cdn, origin: beside, ratio: beside && ratios(cdn, beside) });
  }
  return results;
}

function isGood({ cdn, origin }: Result, { target }: MeasureArguments): boolean {
  const hasErrors = [cdn, origin].some((summary) => Object.keys(summary?.errors ?? {}).length > 0);
  const judged = cdn.rows.filter((row) => row.within_target !== null);
  // Nothing but misses is no proof of a target.
  const isReached = judged.length > 0 && judged.every((row) => row.within_target);
  return !hasErrors && (target === undefined || isReached);
}

function toJson(results: Result[], { samples, concurrency, target }: MeasureArguments): object {
  return { samples, concurrency, target_ms: target ?? null, results };
}
