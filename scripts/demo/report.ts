import { displayWidth, pad } from './display-width.ts';
import { oneLine } from './problem.ts';
import type { Row } from './row.ts';

interface Column {
  title: string;
  /** The side on which its cells are filled up. */
  pad: 'left' | 'right';
  cell(row: Row): string;
}

const COLUMNS: readonly Column[] = [
  { title: 'FILE', pad: 'right', cell: ({ file }) => oneLine(file) },
  { title: 'ID', pad: 'right', cell: ({ id }) => id ?? '-' },
  { title: 'STATUS', pad: 'right', cell: outcome },
  { title: 'BYTES', pad: 'left', cell: ({ bytes }) => String(bytes ?? '-') },
  { title: 'MS', pad: 'left', cell: ({ milliseconds }) => String(milliseconds ?? '-') },
  { title: 'URL', pad: 'right', cell: ({ url }) => url ?? '-' },
];

/** What became of a file, in words. */
export function outcome(row: Row): string {
  const { status, failureReason, problem, expectedFailure, ok } = row;
  // A file that never got an image, or is stuck on the way, has no more telling status than why.
  if (problem !== null) return status === 'READY' ? `READY, but ${problem}` : problem;
  const told = oneLine([status, failureReason].filter((word) => word !== null).join(' '));
  if (expectedFailure === null) return told;
  return ok ? `${told}, as expected` : `${told}, not FAILED ${expectedFailure} as it must`;
}

/** A table with one line for each file, and one that sums up; without a line break at the end. */
export function formatReport(rows: Row[]): string {
  return [...formatTable(rows), '', summary(rows)].join('\n');
}

function formatTable(rows: Row[]): string[] {
  const lines = [
    COLUMNS.map(({ title }) => title),
    ...rows.map((row) => COLUMNS.map(({ cell }) => cell(row))),
  ];
  const widths = COLUMNS.map((_, index) =>
    lines.reduce((widest, cells) => Math.max(widest, displayWidth(cells[index] ?? '')), 0),
  );
  return lines.map((cells) =>
    cells
      .map((cell, index) => pad(cell, widths[index] ?? 0, COLUMNS[index]?.pad ?? 'right'))
      .join('  ')
      .trimEnd(),
  );
}

function summary(rows: Row[]): string {
  const right = rows.filter(({ ok }) => ok).length;
  const refusals = rows.filter(({ ok, expectedFailure }) => ok && expectedFailure !== null).length;
  const files = rows.length === 1 ? 'file' : 'files';
  if (refusals === 0) return `${right} of ${rows.length} ${files} came out as they went in.`;
  return `${right} of ${rows.length} ${files} as expected: ${right - refusals} came out as they went in, ${refusals} refused.`;
}
