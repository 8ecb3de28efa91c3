import type { Burst } from './arrivals.ts';
import type { Kind } from './service.ts';

const MAX_WORKERS = 20_000;
const MAX_COUNTS = 50;

/** Throws an Error that names the option. */
export function parseNumber(
  option: string,
  text: string,
  { min, max, whole = false }: { min: number; max: number; whole?: boolean },
): number {
  const pattern = whole ? /^\d{1,10}$/ : /^\d{1,10}(\.\d{1,9})?$/;
  const value = pattern.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new Error(`${option} takes a ${whole ? 'whole ' : ''}number from ${min} to ${max}`);
}

/** `20x600`: twenty times as many for ten minutes. Throws an Error that names the option. */
export function parseBurst(text: string, runSeconds: number): Burst {
  const [factor, seconds, ...rest] = text.split('x');
  if (factor === undefined || seconds === undefined || rest.length > 0) {
    throw new Error('--burst takes FACTORxSECONDS, such as 20x600');
  }
  const startsAtSeconds = runSeconds / 4;
  const burst = {
    factor: parseNumber('the factor of --burst', factor, { min: 0.001, max: 100_000 }),
    startsAtSeconds,
    endsAtSeconds:
      startsAtSeconds + parseNumber('the seconds of --burst', seconds, { min: 1, max: 31_536_000 }),
  };
  if (burst.endsAtSeconds < runSeconds) return burst;
  throw new Error('--burst has to end before --hours are over, and begins after a quarter of them');
}

/** `1,2,4` or `1-8`. Throws an Error that names the option. */
export function parseWorkers(text: string): number[] {
  const one = (number: string) =>
    parseNumber('--workers', number, { min: 1, max: MAX_WORKERS, whole: true });
  const [first, last, ...rest] = text.split('-').map((part) => part.split(','));
  const counts =
    first?.length === 1 && last?.length === 1 && rest.length === 0
      ? range(one(first[0] ?? ''), one(last[0] ?? ''))
      : text.split(',').map(one);
  if (counts.length > 0 && counts.length <= MAX_COUNTS) {
    return [...new Set(counts)].sort((some, others) => some - others);
  }
  throw new Error(`--workers takes 1 to ${MAX_COUNTS} numbers, as N,N,... or as N-N`);
}

function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

/** `jpeg=80@100,avif=20@600`: name, per cent, milliseconds. Throws an Error that names the option. */
export function parseMix(text: string): Kind[] {
  const kinds = text.split(',').map((part) => {
    const { name, percent, ms } =
      /^(?<name>[^=@]+)=(?<percent>[^=@]+)@(?<ms>[^=@]+)$/.exec(part)?.groups ?? {};
    if (name === undefined || percent === undefined || ms === undefined) {
      throw new Error('--mix takes NAME=PERCENT@MS,..., such as jpeg=80@100,avif=20@600');
    }
    return {
      name,
      share: parseNumber('a percentage of --mix', percent, { min: 0, max: 100 }) / 100,
      cpuMs: parseNumber('the milliseconds of --mix', ms, { min: 0.001, max: 3_600_000 }),
    };
  });
  const total = kinds.reduce((sum, { share }) => sum + share, 0);
  if (Math.abs(total - 1) < 1e-6) return kinds;
  throw new Error(
    `the percentages of --mix are ${Number((100 * total).toFixed(4))} in all, not 100`,
  );
}
