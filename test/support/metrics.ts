import type { Telemetry } from '../../src/shared/telemetry/telemetry.ts';

/** A series as Prometheus writes it, `name{label="value"}`, and its value. */
export type Metrics = Map<string, number>;

/** Reads Prometheus' text format; throws where a line is neither comment nor sample. */
export function parseMetrics(text: string): Metrics {
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line) => {
      const [, series, value] = /^([a-z_][a-z0-9_]*(?:\{.*\})?) (\S+)$/.exec(line) ?? [];
      if (series === undefined) throw new Error(`not a sample: ${line}`);
      return [series, Number(value)];
    }),
  );
}

export async function metricsOf(telemetry: Pick<Telemetry, 'scrape'>): Promise<Metrics> {
  return parseMetrics((await telemetry.scrape()).body);
}

export async function scrape(url: string): Promise<Metrics> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return parseMetrics(await response.text());
}
