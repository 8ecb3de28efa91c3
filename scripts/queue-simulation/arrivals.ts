import { drawExponential, type Random } from './random.ts';

/** For a while, more messages arrive than usual. */
export interface Burst {
  /** How many times as many. */
  factor: number;
  startsAtSeconds: number;
  endsAtSeconds: number;
}

/**
 * A Poisson process, whose rate is another one during the burst. Each call gives the time of the
 * next arrival, in seconds.
 */
export function createArrivals(
  perSecond: number,
  burst: Burst | null,
  random: Random,
): () => number {
  let now = 0;

  function rateNow(): { rate: number; until: number } {
    if (burst === null || now >= burst.endsAtSeconds) return { rate: perSecond, until: Infinity };
    if (now < burst.startsAtSeconds) return { rate: perSecond, until: burst.startsAtSeconds };
    return { rate: perSecond * burst.factor, until: burst.endsAtSeconds };
  }

  return () => {
    // How many arrivals would be expected until the next one; used up at the rate of each stretch.
    let expected = drawExponential(random);
    for (;;) {
      const { rate, until } = rateNow();
      const next = now + expected / rate;
      if (next <= until) {
        now = next;
        return now;
      }
      expected -= (until - now) * rate;
      now = until;
    }
  };
}
