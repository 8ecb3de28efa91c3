import { setTimeout as delay } from 'node:timers/promises';
import type { Part, StackRun } from './stack.ts';

/** Numbers from 0 to 1 that a seed repeats (the generator is mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One of them, at random. */
export function pick<T>(random: () => number, choices: readonly [T, ...T[]]): T {
  return choices[Math.floor(random() * choices.length)] ?? choices[0];
}

/**
 * Kills one of the parts with -9, so many times; resolves with what was killed, in order. Not for as
 * long as something takes: on a slow machine every message would be killed three times, and be a
 * dead letter rightly.
 */
export async function killAtRandom(
  run: StackRun,
  parts: readonly [Part, ...Part[]],
  options: { random: () => number; times: number; pauseMs: { from: number; to: number } },
): Promise<Part[]> {
  const { random, times, pauseMs } = options;
  const killed: Part[] = [];
  while (killed.length < times) {
    await delay(pauseMs.from + random() * (pauseMs.to - pauseMs.from));
    const part = pick(random, parts);
    if (killNow(await run.partPid(part))) killed.push(part);
  }
  return killed;
}

/** False when it had ended already, such as by the kill before, which a busy machine is late with. */
function killNow(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
