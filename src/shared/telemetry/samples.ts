import { AggregatorRegistry, type Registry, type RegistryContentType } from 'prom-client';

interface Sample {
  value: number;
  labels: Partial<Record<string, string | number>>;
  /** Where it is not the metric's: `..._bucket`, `..._sum` and `..._count` of a histogram. */
  metricName?: string;
}

interface Metric {
  name: string;
  help: string;
  /** As in the text format: `counter`, `gauge`, `histogram`. */
  type: string;
  /** How prom-client makes one value of several processes'. */
  aggregator: string;
  values: Sample[];
}

/** The metrics of one process at one moment, such that they can be sent to another. */
export type Samples = Metric[];

/** What is about a process rather than its work: nobody wants the sum of the lags of event loops. */
const ABOUT_A_PROCESS = /^(process|nodejs)_/;

export async function readSamples(registry: Registry<RegistryContentType>): Promise<Samples> {
  const metrics = await registry.getMetricsAsJSON();
  return metrics.map(({ name, help, type, aggregator, values }) => ({
    name,
    help,
    type: String(type),
    aggregator,
    // NaN is not in JSON; a mean of nothing is as well left out.
    values: values.filter(({ value }) => Number.isFinite(value)),
  }));
}

/** The part that is added up over all processes. */
export function ofWork(samples: Samples): Samples {
  return samples.filter(({ name }) => !ABOUT_A_PROCESS.test(name));
}

/** The part that is about the process, labelled with it. */
export function ofProcess(samples: Samples, process: string): Samples {
  return samples
    .filter(({ name }) => ABOUT_A_PROCESS.test(name))
    .map((metric) => ({
      ...metric,
      // Some of them are not to be added up, or left out; with the label there is nothing to add.
      aggregator: 'first',
      values: metric.values.map((sample) => ({ ...sample, labels: { ...sample.labels, process } })),
    }));
}

/** The part that outlives the process: a counter that falls looks like a start from zero. */
export function totalsOf(samples: Samples): Samples {
  return ofWork(samples).filter(({ type }) => type === 'counter' || type === 'histogram');
}

/** One registry that tells all of them, equal series added up. */
export function merge(all: Samples[]): Registry<RegistryContentType> {
  return AggregatorRegistry.aggregate(all);
}
