import { EXIT } from '../../shared/command.ts';
import type { DeadLetter } from '../../shared/dead-letter.ts';
import { type Action, type ActionResult, actOnAll, makeDiscard, makeRedrive } from './act.ts';
import { type Options, UsageError } from './arguments.ts';
import { isNamed } from './collect.ts';
import { confirm } from './confirm.ts';
import { describeFully, type FullDescription } from './describe-letter.ts';
import { formatJson } from './format.ts';
import { plural } from './plural.ts';
import { printable } from './printable.ts';
import type { Session } from './session.ts';

/** One message as `redrive --json` and `discard --json` print it: the last copy of what is gone. */
type Line = Partial<FullDescription> &
  Pick<FullDescription, 'id'> &
  Omit<ActionResult, 'outcome'> & { outcome: ActionResult['outcome'] | 'not_found' };

/** `redrive`: back into the media queue. All are those that are there when it starts. */
export async function redrive(
  session: Session,
  { ids, yes, json }: Options & { ids: string[] | null },
): Promise<number> {
  const letters = await session.read(ids ? { ids } : {});
  const ask = ids === null && letters.length > 0 && !yes && session.io.stdin.isTTY === true;
  const question = `Put ${plural(letters.length, 'message')} back into the media queue?`;
  if (!(await mayGoOn(session, ask && question))) return nothingDone(session, json);
  return act(session, { letters, ids, json, action: makeRedrive(session) });
}

/**
 * `discard`: gone for good. Throws UsageError where nobody can be asked and nobody said yes; to be
 * called before anything is read, so that a forgotten option costs nothing.
 */
export function assertMayDiscard({ yes }: Options, stdin: { isTTY?: boolean | undefined }): void {
  if (!yes && !stdin.isTTY) throw new UsageError('discard needs --yes where there is no terminal');
}

export async function discard(
  session: Session,
  { ids, yes, json }: Options & { ids: string[] },
): Promise<number> {
  const letters = await session.read({ ids });
  const ask = letters.length > 0 && !yes;
  const question = `Delete ${plural(letters.length, 'message')} for good?`;
  if (!(await mayGoOn(session, ask && question))) return nothingDone(session, json);
  return act(session, { letters, ids, json, action: makeDiscard(session) });
}

interface Act {
  letters: DeadLetter[];
  /** Those that were named; null for all. */
  ids: string[] | null;
  json: boolean;
  action: Action;
}

async function act(session: Session, { letters, ids, json, action }: Act): Promise<number> {
  const { io, parseEvent, maxReceives, progress } = session;
  const lines: Line[] = [];
  await actOnAll(letters, action, {
    signal: io.signal,
    onResult(letter, result) {
      const line: Line = { ...describeFully(letter, parseEvent, maxReceives), ...result };
      lines.push(line);
      // At once: after a crash, what was printed is what was done.
      if (!json) io.stdout.write(formatLine(line));
      else progress.at(`${lines.length} of ${letters.length} done`);
    },
  });
  await session.end();
  const left = letters.length - lines.length;
  const missing = (ids ?? []).filter((id) => !letters.some((letter) => isNamed(letter, [id])));
  // An interrupted search has not looked everywhere.
  const notFound = io.signal.aborted ? [] : missing;
  lines.push(...notFound.map(notFoundLine));
  if (json) io.stdout.write(formatJson(lines));
  else io.stdout.write(formatSummary(lines));
  if (notFound.length > 0) session.noteMissing(notFound);
  if (left > 0) progress.note(`interrupted: ${plural(left, 'message')} left as before`);
  if (io.signal.aborted) return EXIT.interrupted;
  const bad = lines.some(({ outcome }) => outcome === 'failed' || outcome === 'not_found');
  return bad ? EXIT.failed : EXIT.ok;
}

/** @param question false where none is to be asked */
async function mayGoOn({ io }: Session, question: string | false): Promise<boolean> {
  if (io.signal.aborted) return false;
  return question === false || (await confirm(question, io));
}

/** Ctrl-C is an interruption, no is an answer; neither is what was asked for. */
function nothingDone({ io, progress }: Session, json: boolean): number {
  if (json) io.stdout.write(formatJson([]));
  progress.note('nothing was done');
  return io.signal.aborted ? EXIT.interrupted : EXIT.failed;
}

function notFoundLine(id: string): Line {
  return { id, outcome: 'not_found', newId: null, problem: 'is not in the dead-letter queue' };
}

function formatLine({ id, outcome, newId, problem, event, images = [] }: Line): string {
  const what = [event, ...images].join(' ');
  const told = problem ?? (newId === null ? what : `as ${newId}: ${what}`);
  return `${printable(`${outcome} ${id} ${told}`)}\n`;
}

function formatSummary(lines: Line[]): string {
  const counts = Map.groupBy(lines, ({ outcome }) => outcome);
  const parts = [...counts].map(
    ([outcome, { length }]) => `${length} ${outcome.replace('_', ' ')}`,
  );
  return `${parts.join(', ') || 'nothing to do'}.\n`;
}
