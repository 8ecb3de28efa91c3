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

export interface Killing {
  /** Lets the last kill come to pass; resolves with what was killed, in order. */
  stop(): Promise<Part[]>;
}

/** Kills one of the parts with -9 again and again, until told to stop. */
export function keepKilling(
  run: StackRun,
  parts: readonly [Part, ...Part[]],
  options: { random: () => number; atLeast: number; pauseMs: { from: number; to: number } },
): Killing {
  const { random, atLeast, pauseMs } = options;
  const killed: Part[] = [];
  let stopping = false;

  async function kill(): Promise<void> {
    while (!stopping || killed.length < atLeast) {
      await delay(pauseMs.from + random() * (pauseMs.to - pauseMs.from));
      const part = pick(random, parts);
      process.kill(await run.partPid(part), 'SIGKILL');
      killed.push(part);
    }
  }

  const done = kill();
  done.catch(() => {}); // rejects `stop` below
  return {
    async stop() {
      stopping = true;
      await done;
      return killed;
    },
  };
}
