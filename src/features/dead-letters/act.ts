import { describeError } from '../../shared/command.ts';
import type { DeadLetter } from '../../shared/dead-letter.ts';
import type { DeadLetterQueue } from '../../shared/dead-letters.ts';
import { forEachParallel } from '../../shared/for-each-parallel.ts';
import type { Hold } from './hold.ts';

const PARALLEL_LETTERS = 10;

/** What became of a letter that was to be redriven or discarded. */
export interface ActionResult {
  outcome: 'redriven' | 'discarded' | 'failed';
  /** The id of the copy in the source queue, as soon as SQS has it. */
  newId: string | null;
  /** What went wrong, in words. */
  problem: string | null;
}

/** Throws only after which the letter is where it was. */
export type Action = (letter: DeadLetter) => Promise<ActionResult>;

export interface ActionDeps {
  queue: DeadLetterQueue;
  hold: Hold;
}

/**
 * Puts one letter back into the source queue. It is deleted here only once SQS has the copy: a crash
 * in between leaves two of it, which the worker does not mind, and never none.
 */
export function makeRedrive({ queue, hold }: ActionDeps): Action {
  return async (letter) => {
    // Asked first: who has lost a letter would send a copy of what somebody else redrives.
    await hold.claim(letter);
    const newId = await queue.sendToSource(letter);
    try {
      await queue.delete(await hold.claim(letter));
      hold.forget(letter);
      return { outcome: 'redriven', newId, problem: null };
    } catch (error) {
      const problem = `is in the media queue as ${newId}, but still here, too: ${describeError(error)}`;
      return { outcome: 'failed', newId, problem };
    }
  };
}

/** Deletes one letter for good. */
export function makeDiscard({ queue, hold }: ActionDeps): Action {
  return async (letter) => {
    await queue.delete(await hold.claim(letter));
    hold.forget(letter);
    return { outcome: 'discarded', newId: null, problem: null };
  };
}

/**
 * Does the action with each letter, several at a time, and tells of each as it is done. When `signal`
 * aborts, what was begun is finished and nothing more is begun.
 */
export async function actOnAll(
  letters: DeadLetter[],
  action: Action,
  {
    signal,
    onResult,
  }: { signal: AbortSignal; onResult(letter: DeadLetter, result: ActionResult): void },
): Promise<void> {
  await forEachParallel(letters, { limit: PARALLEL_LETTERS }, async (letter) => {
    if (signal.aborted) return;
    try {
      onResult(letter, await action(letter));
    } catch (error) {
      onResult(letter, { outcome: 'failed', newId: null, problem: describeError(error) });
    }
  });
}
