import type { FullDescription, LetterDescription } from './describe-letter.ts';
import { plural } from './plural.ts';
import { printable, printableLines } from './printable.ts';

const COLUMNS: readonly {
  title: string;
  cell(letter: LetterDescription, nowMs: number): string;
}[] = [
  { title: 'ID', cell: ({ id }) => id },
  { title: 'AGE', cell: ({ sentAt }, nowMs) => formatAge(sentAt, nowMs) },
  { title: 'RECEIVED', cell: ({ receiveCount }) => plural(receiveCount, 'time') },
  { title: 'EVENT', cell: ({ event }) => event },
  { title: 'IMAGES', cell: ({ images }) => images.join(' ') || '-' },
  { title: 'WHY', cell: ({ why, reason }) => (reason === null ? `${why} (log: ID)` : why) },
];

/** A table with one line for each letter, and what it cannot say in a line of its own. */
export function formatTable(letters: LetterDescription[], nowMs: number): string {
  if (letters.length === 0) return 'The dead-letter queue is empty.\n';
  const rows = [
    COLUMNS.map(({ title }) => title),
    ...letters.map((letter) => COLUMNS.map(({ cell }) => printable(cell(letter, nowMs)))),
  ];
  const widths = COLUMNS.map((_, column) =>
    rows.reduce((widest, row) => Math.max(widest, row[column]?.length ?? 0), 0),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  const legend = letters.some(({ reason }) => reason === null)
    ? ['', "(log: ID): what went wrong is in the worker's log, under the ID as messageId."]
    : [];
  return `${[...lines, '', plural(letters.length, 'message'), ...legend].join('\n')}\n`;
}

/** One letter in full, its body last. */
export function formatLetter(letter: FullDescription, nowMs: number): string {
  const { sentAt, reason, why, logMessageId } = letter;
  const inLog = `messageId ${logMessageId} in the worker's log`;
  const facts: [string, string][] = [
    ['id', letter.id],
    ['sent', sentAt === null ? '-' : `${sentAt} (${formatAge(sentAt, nowMs)} ago)`],
    ['received', plural(letter.receiveCount, 'time')],
    ['why', reason === null ? `${why}; what went wrong: ${inLog}` : why],
    ...(reason === null ? [] : ([['log', inLog]] satisfies [string, string][])),
    ['event', letter.event],
    ...letter.uploads.map(({ bucket, key, versionId, etag }): [string, string] => [
      'upload',
      `${key} in ${bucket}, version ${versionId ?? '-'}, ETag ${etag ?? '-'}`,
    ]),
    ...Object.entries(letter.attributes).map(([name, { dataType, value }]): [string, string] => [
      'attribute',
      `${name} (${dataType}): ${value}`,
    ]),
    ...Object.entries(letter.systemAttributes).map(([name, value]): [string, string] => [
      'system',
      `${name}: ${value}`,
    ]),
  ];
  const lines = facts.map(([name, value]) => `${name.padEnd(10)} ${printable(value)}`);
  return `${[...lines, '', formatBody(letter.body)].join('\n')}\n`;
}

function formatBody(body: string): string {
  try {
    return printableLines(JSON.stringify(JSON.parse(body), null, 2));
  } catch {
    return printableLines(body);
  }
}

/** One JSON array for scripts, safe to look at on a terminal, too. */
export function formatJson(items: unknown[]): string {
  return `${printableLines(JSON.stringify(items, null, 2))}\n`;
}

const UNITS: readonly [seconds: number, name: string][] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
];

function formatAge(sentAt: string | null, nowMs: number): string {
  if (sentAt === null) return '-';
  // The queue's clock may be ahead of ours.
  const seconds = Math.max(0, (nowMs - Date.parse(sentAt)) / 1000);
  const [size, name] = UNITS.find(([unit]) => seconds >= unit) ?? [1, 's'];
  return `${Math.floor(seconds / size)} ${name}`;
}
