import { drawExponential, type Random } from './random.ts';

/** A kind of message and what one costs. */
export interface Kind {
  name: string;
  /** Of all messages; the shares add up to 1. */
  share: number;
  /** Mean, in milliseconds of one core. */
  cpuMs: number;
}

/** `fixed`: all of a kind cost the same; `exponential`: most cost less than the mean, few far more. */
export type Spread = 'fixed' | 'exponential';

/** Milliseconds of one core, over all kinds. */
export function meanCpuMs(kinds: readonly Kind[]): number {
  return kinds.reduce((sum, { share, cpuMs }) => sum + share * cpuMs, 0);
}

/** Each call gives what another message costs, in seconds of one core. */
export function createService(
  kinds: readonly Kind[],
  spread: Spread,
  random: Random,
): () => number {
  return () => {
    let left = random();
    const kind = kinds.find(({ share }) => {
      left -= share;
      return left < 0;
    });
    // Shares are rounded: what is left over belongs to the last.
    const seconds = (kind ?? kinds.at(-1))?.cpuMs ?? 0;
    return (spread === 'fixed' ? seconds : seconds * drawExponential(random)) / 1000;
  };
}
