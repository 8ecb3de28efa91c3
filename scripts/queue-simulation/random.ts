/** Gives a number between 0 and 1, neither of them included. */
export type Random = () => number;

/**
 * Mulberry32: a small generator that gives the same numbers for the same seed on every machine,
 * which Math.random does not.
 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
}

/** Of an exponential distribution with mean 1. */
export function drawExponential(random: Random): number {
  return -Math.log(random());
}
