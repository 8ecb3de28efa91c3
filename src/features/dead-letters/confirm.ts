import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import type { CommandIo } from '../../shared/command.ts';

/** Asks on the terminal. Anything but yes is no: the end of the input and Ctrl-C included. */
export async function confirm(
  question: string,
  { stdin, stderr, signal }: CommandIo,
): Promise<boolean> {
  // Not as a terminal: readline would take Ctrl-C for itself, and the terminal edits lines well.
  const lines = createInterface({ input: stdin, terminal: false });
  try {
    stderr.write(`${question} [y/N] `);
    const answer = await Promise.race([
      once(lines, 'line', { signal }).then(([line]) => String(line)),
      once(lines, 'close').then(() => ''),
    ]);
    return /^\s*y(es)?\s*$/i.test(answer);
  } catch {
    stderr.write('\n');
    return false;
  } finally {
    lines.close();
  }
}
