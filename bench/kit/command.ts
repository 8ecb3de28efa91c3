import { type CommandIo, describeError, EXIT } from '../../src/shared/command.ts';
import { type BenchArguments, listOf, parseBenchArguments, usageOf } from './arguments.ts';
import type { Bench } from './bench.ts';
import { describeMachine, findCommit, findVersions } from './machine.ts';
import { createProgress } from './progress.ts';
import { type BenchReport, type Report, readReports, writeReport } from './report.ts';
import { isMet } from './rows.ts';
import { runBench } from './run-benches.ts';
import { formatTable } from './table.ts';
import { writeDocs } from './write-docs.ts';

/**
 * `npm run bench`. Resolves with the exit status.
 *
 * @param docsDirectory where `--write-docs` writes benchmarks.md and images/benchmarks
 */
export async function runBenchCommand(
  argv: string[],
  io: CommandIo,
  benches: readonly Bench[],
  docsDirectory: string,
): Promise<number> {
  let options: BenchArguments;
  try {
    options = parseBenchArguments(argv, benches);
  } catch (error) {
    io.stderr.write(`${describeError(error)}\nSee npm run bench -- --help\n`);
    return EXIT.usage;
  }
  if (options.help || options.list) {
    io.stdout.write(options.help ? usageOf(benches) : listOf(benches));
    return EXIT.ok;
  }
  try {
    const report = options.from.length > 0 ? await reread(options) : await measure(options, io);
    if (report.benches.length > 0) io.stdout.write(formatTable(report.benches));
    if (io.signal.aborted) {
      io.stderr.write('Interrupted; what was finished before is told.\n');
      return EXIT.interrupted;
    }
    if (options.writeDocs) await writeDocs(docsDirectory, report);
    return isGood(report.benches, options) ? EXIT.ok : EXIT.failed;
  } catch (error) {
    io.stderr.write(`${describeError(error)}\n`);
    return EXIT.failed;
  }
}

async function reread({ from, json }: BenchArguments): Promise<Report> {
  const report = await readReports(from);
  if (json !== undefined) await writeReport(json, report);
  return report;
}

/** One bench after the other, those up to a Ctrl-C. */
async function measure(options: BenchArguments, { stderr, signal }: CommandIo): Promise<Report> {
  const { benches, rounds, settings, json } = options;
  const commit = await findCommit();
  const report: Report = {
    machine: await describeMachine(),
    versions: await findVersions(),
    benches: [],
  };
  for (const [index, bench] of benches.entries()) {
    const line = createProgress(stderr, `[${index + 1}/${benches.length}] ${bench.name}`);
    try {
      const { tell: progress } = line;
      const done = await runBench(bench, { rounds, settings, commit, progress, signal });
      report.benches.push(done);
      line.end(wordsFor(done));
    } catch (error) {
      line.end('interrupted');
      if (!signal.aborted) throw error;
      break;
    }
    if (json !== undefined) await writeReport(json, report);
  }
  return report;
}

function wordsFor({ rows, failure }: BenchReport): string {
  if (failure !== null) return 'failed';
  const missed = rows.filter((row) => isMet(row) === false).length;
  return missed === 0 ? 'done' : `done, ${missed} of its goals not met`;
}

function isGood(benches: readonly BenchReport[], { strict }: BenchArguments): boolean {
  const hasFailed = benches.some(({ failure }) => failure !== null);
  const hasMissed = benches.some(({ rows }) => rows.some((row) => isMet(row) === false));
  return !hasFailed && !(strict && hasMissed);
}
