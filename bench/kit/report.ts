import { readFile, rename, writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

const number = z.number();
const axis = z.object({ title: z.string(), scale: z.enum(['linear', 'log']) });
const goal = z.union([z.strictObject({ atLeast: number }), z.strictObject({ atMost: number })]);

const row = z.object({
  what: z.string(),
  unit: z.string(),
  ours: number,
  limit: number.nullable(),
  ratio: number.nullable(),
  goal: goal.nullable(),
});

const chart = z.object({
  // It becomes the name of a file.
  name: z.string().regex(/^[a-z0-9-]+$/),
  title: z.string(),
  x: axis,
  y: axis,
  series: z.array(
    z.object({ name: z.string(), points: z.array(z.object({ x: number, y: number })) }),
  ),
});

const table = z.object({
  title: z.string(),
  columns: z.array(z.string()),
  rows: z.array(z.array(z.string())),
});

const commit = z.object({ id: z.string(), dirty: z.boolean() });

const benchReport = z.object({
  name: z.string(),
  title: z.string(),
  rounds: number,
  /** When it was begun, and what of. */
  date: z.iso.datetime(),
  commit: commit.nullable(),
  /** How busy the machine was when it began, over the minute before; null where nobody wrote it down. */
  loadAverage: number.nullable().default(null),
  rows: z.array(row),
  charts: z.array(chart).default([]),
  notes: z.array(z.string()).default([]),
  tables: z.array(table).default([]),
  /** Why there are no rows; null where there are. */
  failure: z.string().nullable(),
});

const report = z.object({
  machine: z.object({ cpu: z.string(), cores: number, memoryBytes: number, os: z.string() }),
  versions: z.record(z.string(), z.string()),
  benches: z.array(benchReport),
});

/** One bench as it went. */
export type BenchReport = z.output<typeof benchReport>;

/** Everything that a run has measured: what `--json` writes and `--from` reads. */
export type Report = z.output<typeof report>;

/** @throws Error that says what is wrong with a result: a number that is none fails a bench */
export function parseBenchReport(result: unknown): BenchReport {
  return orExplain(benchReport.safeParse(result), 'the bench gives');
}

/** Into place by renaming: an interrupted run leaves what the one before has written. */
export async function writeReport(file: string, content: Report): Promise<void> {
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(content, null, 2)}\n`);
  await rename(draft, file);
}

/**
 * Reads reports into one. Where two have the same bench the later file counts.
 *
 * @throws Error when a file is no report, or they are not of one machine with one set of versions
 */
export async function readReports(files: readonly string[]): Promise<Report> {
  const reports = await Promise.all(files.map(readReport));
  const [first, ...others] = reports;
  if (first === undefined) throw new Error('there is no report to read');
  for (const [index, { machine, versions }] of others.entries()) {
    if (isDeepStrictEqual([machine, versions], [first.machine, first.versions])) continue;
    throw new Error(`${files[index + 1]} was measured on another machine than ${files[0]}`);
  }
  const byName = new Map<string, BenchReport>();
  for (const { benches } of reports) for (const each of benches) byName.set(each.name, each);
  return { ...first, benches: [...byName.values()] };
}

async function readReport(file: string): Promise<Report> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Error(`${file} is no JSON`);
  }
  return orExplain(report.safeParse(content), `${file} is no report of benches:`);
}

function orExplain<Output>(parsed: z.ZodSafeParseResult<Output>, preface: string): Output {
  if (parsed.success) return parsed.data;
  const { path = [], message = '' } = parsed.error.issues[0] ?? {};
  throw new Error(`${preface} ${path.join('.')}: ${message}`);
}
