import type { BenchRow, Goal } from './bench.ts';

/** The middle of the numbers, or of the two in the middle; NaN where there is none. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** A row with both sides: the ratio is ours to the limit, for costs and for rates alike. */
export function compare(row: Omit<BenchRow, 'ratio' | 'limit'> & { limit: number }): BenchRow {
  return { ...row, ratio: row.ours / row.limit };
}

/**
 * A row of what both sides did in the same rounds: their medians, and the median of the rounds' ratios.
 * A machine that is slower in one round is slower for both, so that ratios move less than the medians.
 */
export function compareRounds({
  ours,
  limit,
  ...row
}: Pick<BenchRow, 'what' | 'unit' | 'goal'> & {
  ours: readonly number[];
  limit: readonly number[];
}): BenchRow {
  const medians = { ours: median(ours), limit: median(limit) };
  return { ...row, ...medians, ratio: medianRatio(ours, limit) };
}

/** Of numbers of the same rounds. */
export function medianRatio(numbers: readonly number[], others: readonly number[]): number {
  return median(numbers.map((number, round) => number / (others[round] ?? Number.NaN)));
}

/** A row that tells a number and is held against nothing. */
export function tell(what: string, unit: string, ours: number): BenchRow {
  return { what, unit, ours, limit: null, ratio: null, goal: null };
}

/** Null where there is no goal. */
export function isMet({ ours, ratio, goal }: BenchRow): boolean | null {
  if (goal === null) return null;
  const value = ratio ?? ours;
  return 'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost;
}

export function formatGoal(goal: Goal | null): string {
  if (goal === null) return '';
  return 'atLeast' in goal ? `≥ ${goal.atLeast}` : `≤ ${goal.atMost}`;
}

const WHOLE_FROM = 100;

/** Three digits that count, and thousands apart: 0.0123, 1.23, 12.3, 123, 1,234. */
export function formatNumber(value: number): string {
  if (Math.abs(value) >= WHOLE_FROM) {
    return value.toLocaleString('en-US', { maximumFractionDigits: 0 });
  }
  return value === 0 ? '0' : Number(value.toPrecision(3)).toString();
}

/** Three digits, or as many more as it takes for what is missed by a hair not to look as if it were met. */
export function formatRatio(row: BenchRow): string {
  const { ratio } = row;
  if (ratio === null) return '';
  const least = Math.max(3, Math.floor(Math.log10(ratio)) + 1);
  const texts = [least, least + 1, least + 2].map((digits) => ratio.toPrecision(digits));
  return texts.find((text) => isMet({ ...row, ratio: Number(text) }) === isMet(row)) ?? `${ratio}`;
}

/** `yes`, `no`, or nothing where there is no goal. */
export function formatMet(row: BenchRow): string {
  const met = isMet(row);
  if (met === null) return '';
  return met ? 'yes' : 'no';
}
