import type { DetailTable } from './bench.ts';
import type { BenchReport, Report } from './report.ts';
import { isMet } from './rows.ts';
import { COLUMNS, cellsOf, ON_THE_RIGHT } from './table.ts';

/** Where the charts are, seen from the page. */
export const CHART_FOLDER = 'images/benchmarks';

/** The page docs/benchmarks.md: the same text for the same report. */
export function writeMarkdown(report: Report): string {
  return `${[
    '<!-- Written by `npm run bench -- --write-docs`: what is changed here is lost. -->',
    '# Benchmarks',
    INTRODUCTION,
    'Run them:',
    COMMANDS,
    '## Measured on',
    machineLines(report).join('\n'),
    '## Results',
    verdictOf(report.benches),
    resultTable(report.benches),
    '## How it is measured',
    METHOD,
    '## Bench by bench',
    ...report.benches.flatMap(benchSection),
  ].join('\n\n')}\n`;
}

const INTRODUCTION = `How close the hot paths come to the limit of the machine: the bare signature, the bare driver, bare
sharp, the leanest program that gives the same answer. Nearly everything is a ratio of two things
measured in the same run on the same machine, because a number alone says more about the machine than
about the program.`;

const COMMANDS = `\`\`\`sh
npm run bench                                  # everything
npm run bench -- --list                        # what there is
npm run bench -- sign-ecdsa serve-50           # some of it
npm run bench -- --json bench.json             # keep the numbers
npm run bench -- --from bench.json --write-docs  # write this page from them
\`\`\`

Nothing needs to be installed or running: PostgreSQL and S3 come with the packages and are started for
the run, on loopback. Close everything else first; on a laptop, plug it in.`;

const METHOD = `- **CPU time, not wall time**, wherever a process of ours is measured: the time that the process under
  test has had a core, all its threads and its garbage collection included. Who drives it, and
  PostgreSQL, are other processes. Waiting for a core does not count, but a busy machine still spoils
  the numbers, ratios too: caches and cores are shared. How busy this one was is said above.
- **Contestants take turns.** What is compared runs in processes of its own, one round each after the
  other, in every second round in reverse. A machine that slows down half-way slows down all of them. A
  round before the first warms up and does not count.
- **Medians** of all rounds, not means and not the best. A ratio is the median of the rounds' own
  ratios, which is not quite the ratio of the two medians beside it: what slows the machine down in one
  round slows down both.
- **A goal is for the ratio** in its line. Lines without a goal are reported, for comparison.
- **What it does not tell.** Everything runs on one machine over loopback: no network, no TLS, no load
  balancer. PostgreSQL has its data in memory. The limit of a bench is a program that does the same
  job with less around it, not a program that could not be beaten.`;

function machineLines({ machine, versions, benches }: Report): string[] {
  const memory = `${Math.round(machine.memoryBytes / 2 ** 30)} GiB`;
  const all = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `- ${machine.cpu}, ${machine.cores} cores, ${memory} of memory`,
    `- ${machine.os}`,
    `- ${all.join(', ')}`,
    `- ${busynessOf(benches)}`,
    ...provenanceLines(benches),
  ];
}

/** A quiet machine has a load average well below its number of cores. */
function busynessOf(benches: readonly BenchReport[]): string {
  const loads = benches.flatMap(({ loadAverage }) => (loadAverage === null ? [] : [loadAverage]));
  if (loads.length === 0)
    return 'how busy the machine was with other work, nobody has written down';
  const [least, most] = [Math.min(...loads), Math.max(...loads)].map((load) => load.toFixed(1));
  const missing = loads.length < benches.length ? ', where it was written down' : '';
  return `load average when the benches began: ${least} to ${most}${missing}`;
}

/** Of all benches at once where they are of one commit, as they are unless files were merged. */
function provenanceLines(benches: readonly BenchReport[]): string[] {
  const byCommit = Map.groupBy(benches, ({ commit }) =>
    commit === null ? 'no commit' : `commit ${commit.id}${commit.dirty ? ', with changes' : ''}`,
  );
  return [...byCommit].map(([commit, group]) => {
    const days = [...new Set(group.map(({ date }) => date.slice(0, 10)))].sort();
    const names = byCommit.size > 1 ? `: ${group.map(({ name }) => name).join(', ')}` : '';
    return `- ${commit}, ${days.join(' and ')}${names}`;
  });
}

function verdictOf(benches: readonly BenchReport[]): string {
  const judged = benches.flatMap(({ rows }) => rows).filter(({ goal }) => goal !== null);
  const met = judged.filter(isMet).length;
  const failed = benches.filter(({ failure }) => failure !== null).length;
  const failures = failed === 0 ? '' : ` ${failed} ${failed === 1 ? 'bench' : 'benches'} failed.`;
  return `${met} of ${judged.length} goals met.${failures}`;
}

function resultTable(benches: readonly BenchReport[]): string {
  const lines = benches.flatMap((bench) =>
    cellsOf(bench).map(([name = '', ...cells]) => [
      name === '' ? '' : `[${name}](#${name})`,
      ...cells.map((cell) => (cell === 'no' ? '**no**' : cell)),
    ]),
  );
  return markdownTable([...COLUMNS], lines, (title) => ON_THE_RIGHT.has(title));
}

function benchSection({ name, title, rounds, notes, charts, tables, failure }: BenchReport) {
  return [
    `### ${name}`,
    `${title}. Rounds: ${rounds}.`,
    ...(failure === null ? [] : [`It failed: ${failure}`]),
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${note}`).join('\n')]),
    ...charts.map((chart) => `![${chart.title}](${CHART_FOLDER}/${chart.name}.svg)`),
    ...tables.flatMap(detailTable),
  ];
}

function detailTable({ title, columns, rows }: DetailTable): string[] {
  const [first] = columns;
  return [`${title}:`, markdownTable(columns, rows, (column) => column !== first)];
}

function markdownTable(
  columns: readonly string[],
  rows: readonly (readonly string[])[],
  isOnTheRight: (column: string) => boolean,
): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  const rule = `|${columns.map((column) => (isOnTheRight(column) ? '--:' : '---')).join('|')}|`;
  return [line(columns), rule, ...rows.map(line)].join('\n');
}
