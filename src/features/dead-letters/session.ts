import type { CommandIo } from '../../shared/command.ts';
import type { DeadLetter } from '../../shared/dead-letter.ts';
import { type DeadLetterQueue, HIDDEN_SECS } from '../../shared/dead-letters.ts';
import { collect } from './collect.ts';
import type { ParseEvent } from './describe-letter.ts';
import { createHold, type Hold } from './hold.ts';
import { plural } from './plural.ts';
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
  /** Reads what is wanted, oldest first, and keeps it hidden until `end`. */
  read(wanted: { limit?: number | null; ids?: string[] }): Promise<DeadLetter[]>;
  /** Says that messages were asked for which are not there, or cannot be seen now. */
  noteMissing(ids: string[]): void;
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
  let readInAll = 0;

  function noteHidden(): void {
    // Both counts lag behind: what was read in spite of them is not hidden.
    const unseen = Math.min(hidden ?? 0, (waiting ?? 0) + (hidden ?? 0) - readInAll);
    if (unseen <= 0) return;
    progress.note(
      `about ${plural(unseen, 'more message')} hidden by another reader; try again in ${HIDDEN_SECS} s`,
    );
  }

  return {
    io,
    queue,
    hold,
    progress,
    parseEvent,
    maxReceives,

    async read(wanted) {
      const total = waiting === null ? '' : ` of about ${waiting}`;
      const { letters, moreLeft } = await collect(
        {
          hold,
          expected: waiting,
          signal: io.signal,
          onProgress: (count) => progress.at(`${count}${total} read`),
        },
        wanted,
      );
      progress.end();
      readInAll = hold.size;
      const readAll = !wanted.ids && letters.length !== wanted.limit && !io.signal.aborted;
      if (readAll) noteHidden();
      if (moreLeft)
        progress.note('there are more, or more keep arriving: run this again for the rest');
      return letters.sort(byAge);
    },

    noteMissing(ids) {
      for (const id of ids) {
        progress.note(`no message ${JSON.stringify(id)} in the dead-letter queue`);
      }
      noteHidden();
    },

    async end() {
      if (hold.size > 100) progress.at(`giving ${hold.size} back`);
      await hold.end();
      progress.end();
    },
  };
}

function byAge(a: DeadLetter, b: DeadLetter): number {
  return (a.sentAt?.getTime() ?? 0) - (b.sentAt?.getTime() ?? 0);
}
