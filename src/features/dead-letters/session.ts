import type { CommandIo } from '../../shared/command.ts';
import type { DeadLetter } from '../../shared/dead-letter.ts';
import { type DeadLetterQueue, HIDDEN_SECS } from '../../shared/dead-letters.ts';
import { collect } from './collect.ts';
import type { ParseEvent } from './describe-letter.ts';
import { plural } from './format.ts';
import { createHold, type Hold } from './hold.ts';
import { createProgress, type Progress } from './progress.ts';

/** One run of a command on the queue: what it has received is given back by `end`. */
export interface Session {
  io: CommandIo;
  queue: DeadLetterQueue;
  hold: Hold;
  progress: Progress;
  parseEvent: ParseEvent;
  /** After how many receives SQS moves a message; null when unknown. */
  maxReceives: number | null;
  /** About how many letters somebody else keeps hidden. */
  hiddenElsewhere: number;
  /** Reads what is wanted, oldest first, and keeps it hidden until `end`. */
  read(wanted: { limit?: number | null; ids?: string[] }): Promise<DeadLetter[]>;
  /** Any number of times. */
  end(): Promise<void>;
}

export async function openSession(
  queue: DeadLetterQueue,
  io: CommandIo,
  parseEvent: ParseEvent,
): Promise<Session> {
  const { waiting, hidden, maxReceives } = await queue.status();
  const hold = createHold(queue);
  const progress = createProgress(io.stderr);
  const hiddenElsewhere = hidden ?? 0;

  return {
    io,
    queue,
    hold,
    progress,
    parseEvent,
    maxReceives,
    hiddenElsewhere,

    async read(wanted) {
      const total = waiting === null ? '' : ` of about ${waiting}`;
      const { letters, moreArriving } = await collect(
        {
          hold,
          expected: waiting,
          signal: io.signal,
          onProgress: (count) => progress.at(`${count}${total} read`),
        },
        wanted,
      );
      progress.end();
      if (hiddenElsewhere > 0 && !wanted.ids && !io.signal.aborted) {
        progress.note(hiddenNote(hiddenElsewhere));
      }
      if (moreArriving) progress.note('more keep arriving; those are left for the next time');
      return letters.sort(byAge);
    },

    async end() {
      if (hold.size > 100) progress.at(`giving ${hold.size} back`);
      await hold.end();
      progress.end();
    },
  };
}

/** Says that messages were asked for which are not there, or cannot be seen now. */
export function noteMissing({ progress, hiddenElsewhere }: Session, ids: string[]): void {
  for (const id of ids) progress.note(`no message ${JSON.stringify(id)} in the dead-letter queue`);
  if (hiddenElsewhere > 0) progress.note(hiddenNote(hiddenElsewhere));
}

function hiddenNote(count: number): string {
  return `about ${plural(count, 'more message')} hidden by another reader; try again in ${HIDDEN_SECS} s`;
}

function byAge(a: DeadLetter, b: DeadLetter): number {
  return (a.sentAt?.getTime() ?? 0) - (b.sentAt?.getTime() ?? 0);
}
