import type { DeadLetter } from '../../shared/dead-letter.ts';
import { LARGEST_BATCH } from '../../shared/dead-letters.ts';
import type { Hold } from './hold.ts';

/** A receive that brings nothing new is SQS delivering twice; this many in a row are a loop. */
const MOST_STALE_RECEIVES = 10;
/** How long reading goes on at most once as many were read as there were at the start. */
const ARRIVALS_MS = 5_000;
/** Far below what SQS lets one reader hide (120 000), since all of them have to be renewed in time. */
const MOST_LETTERS = 20_000;

export interface CollectOptions {
  hold: Pick<Hold, 'receive'>;
  /** About how many there are, as SQS counts; null when unknown. */
  expected: number | null;
  signal: AbortSignal;
  onProgress(read: number): void;
}

export interface Collected {
  letters: DeadLetter[];
  /** Whether reading was broken off: there are too many, or they keep arriving. */
  moreLeft: boolean;
}

/** Reads the whole queue, or `limit` letters, or as far as needed to find all `ids`. */
export async function collect(
  { hold, expected, signal, onProgress }: CollectOptions,
  { limit, ids }: { limit?: number | null; ids?: string[] },
): Promise<Collected> {
  const letters = new Map<string, DeadLetter>();
  const missing = new Set(ids);
  const wanted = () =>
    ids ? [...letters.values()].filter((letter) => isNamed(letter, ids)) : [...letters.values()];
  let staleReceives = 0;
  let allReadAtMs = Number.POSITIVE_INFINITY;

  while (!signal.aborted && staleReceives < MOST_STALE_RECEIVES) {
    const received = await hold.receive(
      Math.min(LARGEST_BATCH, (limit ?? Number.POSITIVE_INFINITY) - letters.size),
    );
    if (received.length === 0) break;
    const before = letters.size;
    for (const letter of received) {
      letters.set(letter.id, letter);
      missing.delete(letter.id);
      missing.delete(letter.logMessageId);
    }
    onProgress(letters.size);
    if (letters.size === limit || (ids && missing.size === 0)) break;
    staleReceives = letters.size === before ? staleReceives + 1 : 0;
    // SQS counts approximately, so the count alone must not end the reading.
    if (expected !== null && letters.size >= expected) {
      allReadAtMs = Math.min(allReadAtMs, Date.now());
    }
    const tooMany = letters.size >= MOST_LETTERS;
    if (tooMany || Date.now() - allReadAtMs > ARRIVALS_MS) {
      return { letters: wanted(), moreLeft: true };
    }
  }
  return { letters: wanted(), moreLeft: false };
}

/** By its id, or by the one it had in the worker's log. */
export function isNamed({ id, logMessageId }: DeadLetter, ids: string[]): boolean {
  return ids.includes(id) || ids.includes(logMessageId);
}
