import { EXIT } from '../../shared/command.ts';
import type { Options } from './arguments.ts';
import { describeFully, describeLetter } from './describe-letter.ts';
import { formatJson, formatLetter, formatTable } from './format.ts';
import type { Session } from './session.ts';

/** `list`: what is in the queue, oldest first. */
export async function list(
  session: Session,
  { json, limit }: Options & { limit: number | null },
): Promise<number> {
  const letters = await session.read({ limit });
  // Before printing: whoever reads the output page by page must not keep the queue waiting.
  await session.end();
  if (session.io.signal.aborted) return EXIT.interrupted;
  const { parseEvent, maxReceives } = session;
  const described = letters.map((letter) => describeLetter(letter, parseEvent, maxReceives));
  session.io.stdout.write(json ? formatJson(described) : formatTable(described, Date.now()));
  return EXIT.ok;
}

/** `show ID`: everything about one message, or, by its id in the worker's log, its copies. */
export async function show(
  session: Session,
  { json, id }: Options & { id: string },
): Promise<number> {
  const letters = await session.read({ ids: [id] });
  await session.end();
  if (session.io.signal.aborted) return EXIT.interrupted;
  const { parseEvent, maxReceives, io } = session;
  const described = letters.map((letter) => describeFully(letter, parseEvent, maxReceives));
  if (json) io.stdout.write(formatJson(described));
  else {
    io.stdout.write(described.map((letter) => formatLetter(letter, Date.now())).join('\n'));
  }
  if (letters.length > 0) return EXIT.ok;
  session.noteMissing([id]);
  return EXIT.failed;
}
