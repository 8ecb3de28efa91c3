import type { Axis } from './bench.ts';

/** Where values are along an axis. */
export interface Scale {
  ticks: number[];
  /** From 0 at the axis's beginning to 1 at its end. */
  place(value: number): number;
}

const STEPS = [1, 2, 5, 10];
const WISHED_TICKS = 5;
/** So many values of the data itself are labels enough. */
const MOST_VALUES = 8;
/** What a batch of 20 and one of 50 have between them on a logarithmic axis, and more. */
const LEAST_GAP = 0.06;

/** Over all values. A linear axis begins at 0: one that does not makes small changes look big. */
export function scaleOf({ scale }: Axis, values: readonly number[]): Scale {
  return scale === 'linear' ? linearScale(values) : logScale(values);
}

/** As `scaleOf`, with the values themselves as ticks where those are few: what was measured. */
export function scaleOfMeasured(axis: Axis, values: readonly number[]): Scale {
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  if (axis.scale === 'linear' || distinct.length > MOST_VALUES) return scaleOf(axis, values);
  const [least = 1, most = 1] = [distinct[0], distinct.at(-1)];
  const span = Math.log(most / least) || 1;
  const place = (value: number) => Math.log(value / least) / span;
  const ticks = distinct.filter(
    (value, index) => index === 0 || place(value) - place(distinct[index - 1] ?? 0) > LEAST_GAP,
  );
  return { ticks, place };
}

function linearScale(values: readonly number[]): Scale {
  const step = niceStep(Math.max(...values, Number.MIN_VALUE) / WISHED_TICKS);
  const count = Math.max(1, Math.ceil(Math.max(...values, 0) / step - 1e-9));
  const most = step * count;
  // Multiples, not sums: 0.1 + 0.2 is no label.
  const ticks = Array.from({ length: count + 1 }, (_, n) => Number((n * step).toPrecision(12)));
  return { ticks, place: (value) => value / most };
}

function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const step = STEPS.find((each) => each * power >= least * (1 - 1e-9)) ?? 10;
  return Number((step * power).toPrecision(12));
}

function logScale(values: readonly number[]): Scale {
  const positive = values.filter((value) => value > 0);
  const [least, most] = [Math.min(...positive, 1e9), Math.max(...positive, 1e-9)];
  const all = niceNumbersAround(least, most, [1, 2, 5]);
  const tens = niceNumbersAround(least, most, [1]);
  // Over many powers of ten, these alone.
  const ticks = all.length <= 2 * WISHED_TICKS ? all : tens;
  const [first = 1, last = 1] = [ticks[0], ticks.at(-1)];
  const span = Math.log(last / first) || 1;
  return { ticks, place: (value) => Math.log(value / first) / span };
}

/** The numbers of such digits and any power of ten from the last one below to the first above. */
function niceNumbersAround(least: number, most: number, digits: number[]): number[] {
  const powers: number[] = [];
  const lastPower = Math.ceil(Math.log10(most)) + 1;
  for (let power = Math.floor(Math.log10(least)) - 1; power <= lastPower; power += 1) {
    powers.push(power);
  }
  const numbers = powers.flatMap((power) => digits.map((digit) => Number(`${digit}e${power}`)));
  const from = numbers.findLastIndex((each) => each <= least * (1 + 1e-9));
  const to = numbers.findIndex((each) => each >= most * (1 - 1e-9));
  return numbers.slice(from, Math.max(to, from + 1) + 1);
}

/** Short: 50, 0.5, 2k, 5M. */
export function formatTick(value: number): string {
  if (value >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (value >= 1e3) return `${Number((value / 1e3).toPrecision(3))}k`;
  return String(Number(value.toPrecision(3)));
}
