import { setImmediate as giveWay } from 'node:timers/promises';
import { type CommandIo, describeError, EXIT } from '../../src/shared/command.ts';
import { parseSimulationArguments, type SimulationArguments, USAGE } from './arguments.ts';
import { formatCsv, formatTable, type Row, toRow } from './report.ts';
import { meanCpuMs } from './service.ts';
import { createSimulation, type SimulationOptions } from './simulation.ts';

/** How many events pass before Ctrl-C is looked for: some tens of milliseconds. */
const EVENTS_AT_ONCE = 50_000;

/** `npm run simulate:queue`. Resolves with the exit status. */
export async function runSimulationCommand(argv: string[], io: CommandIo): Promise<number> {
  let parsed: SimulationArguments;
  try {
    parsed = parseSimulationArguments(argv);
  } catch (error) {
    io.stderr.write(`${describeError(error)}\nSee npm run simulate:queue -- --help\n`);
    return EXIT.usage;
  }
  if (parsed.help) {
    io.stdout.write(USAGE);
    return EXIT.ok;
  }
  const rows: Row[] = [];
  for (const workers of parsed.workers) {
    const row = await simulate({ ...parsed.options, workers }, io.signal);
    if (row === undefined) return EXIT.interrupted;
    rows.push(row);
  }
  const needed = neededWorkers(rows, parsed);
  io.stdout.write(write(rows, parsed, needed));
  return needed === null ? EXIT.failed : EXIT.ok;
}

/** Undefined when it was interrupted. */
async function simulate(options: SimulationOptions, signal: AbortSignal): Promise<Row | undefined> {
  const simulation = createSimulation(options);
  while (simulation.advance(EVENTS_AT_ONCE)) {
    await giveWay();
    if (signal.aborted) return undefined;
  }
  return toRow(simulation.result());
}

/** The fewest workers that keep the target; null when none of the numbers does; undefined without target. */
function neededWorkers(
  rows: readonly Row[],
  { targetWaitSeconds }: SimulationArguments,
): number | null | undefined {
  if (targetWaitSeconds === undefined) return undefined;
  return rows.find((row) => row.wait_max_secs <= targetWaitSeconds)?.workers ?? null;
}

function write(
  rows: readonly Row[],
  { options, format, targetWaitSeconds }: SimulationArguments,
  needed: number | null | undefined,
): string {
  if (format === 'csv') return formatCsv(rows);
  if (format === 'json') {
    const target = { target_wait_secs: targetWaitSeconds ?? null, needed_workers: needed ?? null };
    return `${JSON.stringify({ options, ...target, rows })}\n`;
  }
  const load = (options.arrivalsPerSecond * meanCpuMs(options.kinds)) / 1000;
  const lines = [
    `${options.arrivalsPerSecond} uploads a second of ${Math.round(meanCpuMs(options.kinds))} ms CPU keep ` +
      `${load.toFixed(2)} cores busy.`,
    formatTable(rows),
  ];
  if (needed !== undefined) {
    lines.push(
      needed === null
        ? `With none of them every upload is received within ${targetWaitSeconds} s.\n`
        : `With ${needed} workers every upload is received within ${targetWaitSeconds} s.\n`,
    );
  }
  return lines.join('\n');
}
