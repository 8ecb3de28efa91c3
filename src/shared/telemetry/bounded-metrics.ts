import { Counter, Histogram, type Registry } from 'prom-client';

/**
 * Metrics whose label values are all known beforehand. Every series exists from the start: a series
 * that appears with its first event has no earlier value for `increase()` to compare with. Nothing
 * but the known values can ever become a label.
 */
export interface BoundedLabels {
  names: readonly string[];
  /** One row a series, aligned with `names`. */
  series: readonly (readonly string[])[];
}

interface MetricOptions extends BoundedLabels {
  registry: Registry;
  name: string;
  help: string;
}

export const NO_LABELS: BoundedLabels = { names: [], series: [[]] };

/** Every combination of the values of several labels. */
export function everyCombination(labels: Record<string, readonly string[]>): BoundedLabels {
  const series = Object.values(labels).reduce<string[][]>(
    (rows, values) => rows.flatMap((row) => values.map((value) => [...row, value])),
    [[]],
  );
  return { names: Object.keys(labels), series };
}

/** Counts one, in the series of these label values. */
export function boundedCounter(options: MetricOptions): (...values: string[]) => void {
  const add = boundedSum(options);
  return (...values) => add(1, ...values);
}

/** Adds a number, in the series of these label values. */
export function boundedSum(options: MetricOptions): (amount: number, ...values: string[]) => void {
  const { registry, name, help, names, series } = options;
  const counter = new Counter({ name, help, labelNames: [...names], registers: [registry] });
  const children = new Map(
    series.map((values) => {
      counter.inc(labelsOf(names, values), 0);
      return [keyOf(values), counter.labels(...values)];
    }),
  );
  return (amount, ...values) => children.get(keyOf(values))?.inc(amount);
}

/** Observes a value in seconds, in the series of these label values. */
export function boundedHistogram(
  options: MetricOptions & { buckets: number[] },
): (seconds: number, ...values: string[]) => void {
  const { registry, name, help, names, series, buckets } = options;
  const histogram = new Histogram({
    name,
    help,
    buckets,
    labelNames: [...names],
    registers: [registry],
  });
  const children = new Map(
    series.map((values) => {
      histogram.zero(labelsOf(names, values));
      return [keyOf(values), histogram.labels(...values)];
    }),
  );
  return (seconds, ...values) => children.get(keyOf(values))?.observe(seconds);
}

function labelsOf(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}

function keyOf(values: readonly string[]): string {
  return values.join(' ');
}
