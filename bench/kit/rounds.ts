import type { BenchOptions } from './bench.ts';

/**
 * Has contestants take turns, in every other round in reverse, so that a change of the machine's
 * pace hits all of them. A round before the first warms up and does not count.
 *
 * @returns what each of them answered, a round each
 */
export async function takeTurns<Name extends string, Sample>(
  contestants: Readonly<Record<Name, () => Promise<Sample>>>,
  { rounds, progress }: Pick<BenchOptions, 'rounds' | 'progress'>,
): Promise<Record<Name, Sample[]>> {
  const names = Object.keys(contestants) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as Sample[]]));
  for (let round = 0; round <= rounds; round += 1) {
    progress(round === 0 ? 'warming up' : `round ${round} of ${rounds}`);
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const sample = await contestants[name]();
      if (round > 0) samples[name]?.push(sample);
    }
  }
  return samples as Record<Name, Sample[]>;
}
