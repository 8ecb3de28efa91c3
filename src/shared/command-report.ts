import { describeError, type TextOutput } from './command.ts';

/** Runs shorter than this say nothing before their end. */
const PROGRESS_MS = 2_000;

/** Tells how far a long run has come: a line every two seconds, however often it is called. */
export function progressLines(output: TextOutput): (count: number, what: string) => void {
  let nextAt = Date.now() + PROGRESS_MS;
  return (count, what) => {
    if (Date.now() < nextAt) return;
    nextAt = Date.now() + PROGRESS_MS;
    output.write(`${count} ${what} so far\n`);
  };
}

/** The counters of a run in columns, in the order of `rows`, with their words. */
export function counterTable<Counter extends string>(
  rows: readonly (readonly [Counter, string])[],
  result: Readonly<Record<Counter, number>>,
  { dryRun }: { dryRun: boolean },
): string {
  const wordsWidth = Math.max(...rows.map(([, words]) => words.length));
  const width = Math.max(...rows.map(([counter]) => String(result[counter]).length));
  const lines = rows.map(
    ([counter, words]) =>
      `${words.padEnd(wordsWidth)}  ${String(result[counter]).padStart(width)}\n`,
  );
  return `${dryRun ? 'Dry run: nothing was changed.\n' : ''}${lines.join('')}`;
}

/** Why a command failed. A message about the configuration has a line for each variable. */
export function describeFailure(error: unknown): string {
  const text = error instanceof Error && error.name === 'ConfigError' ? error.message : null;
  return `${text ?? describeError(error)}\n`;
}
