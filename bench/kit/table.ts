import type { BenchReport } from './report.ts';
import { formatGoal, formatMet, formatNumber, formatRatio } from './rows.ts';

export const COLUMNS = ['bench', 'what', 'unit', 'ours', 'limit', 'ratio', 'goal', 'met'] as const;

/** Numbers line up at their ends. */
export const ON_THE_RIGHT: ReadonlySet<string> = new Set(['ours', 'limit', 'ratio', 'goal']);

/** A line for each row; the name of a bench stands before its first. */
export function cellsOf({ name, rows, failure }: BenchReport): string[][] {
  if (failure !== null) return [[name, 'failed', '', '', '', '', '', 'no']];
  return rows.map((row, index) => [
    index === 0 ? name : '',
    row.what,
    row.unit,
    formatNumber(row.ours),
    row.limit === null ? '' : formatNumber(row.limit),
    formatRatio(row),
    formatGoal(row.goal),
    formatMet(row),
  ]);
}

/** The table of a run for a terminal, and below it why what failed has failed. */
export function formatTable(benches: readonly BenchReport[]): string {
  const lines = benches.flatMap(cellsOf);
  const widths = COLUMNS.map((title, index) =>
    Math.max(title.length, ...lines.map((cells) => cells[index]?.length ?? 0)),
  );
  const format = (cells: readonly string[]) =>
    cells
      .map((text, index) => {
        const width = widths[index] ?? 0;
        return ON_THE_RIGHT.has(COLUMNS[index] ?? '') ? text.padStart(width) : text.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width));
  const failures = benches.flatMap(({ name, failure }) =>
    failure === null ? [] : [`${name} failed: ${failure}`],
  );
  return `${[...[COLUMNS, rule, ...lines].map(format), ...failures].join('\n')}\n`;
}
