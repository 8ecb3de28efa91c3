const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/**
 * How long to wait after so many failures in a row, in milliseconds; half of it at random, so that not
 * all pages come back in the same moment.
 */
export function retryDelay(failures: number): number {
  const delay = Math.min(FIRST_MS * 2 ** (failures - 1), LONGEST_MS);
  return delay / 2 + Math.random() * (delay / 2);
}
