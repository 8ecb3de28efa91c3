import { SPREAD, spread } from './spread.ts';

/**
 * Whether an id is among the first `percent` of all. The answer depends on nothing but the two, and
 * a larger number only ever adds ids: 0 has none of them, 100 has all.
 *
 * @param percent from 0 to 100
 */
export function isRolledOut(id: string, percent: number): boolean {
  return spread(id) < (percent / 100) * SPREAD;
}
