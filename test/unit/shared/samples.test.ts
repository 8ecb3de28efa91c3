import { expect, test } from '@jest/globals';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import {
  merge,
  ofProcess,
  ofWork,
  readSamples,
  type Samples,
  totalsOf,
} from '../../../src/shared/telemetry/samples.ts';
import { createTelemetry } from '../../../src/shared/telemetry/telemetry.ts';
import { parseMetrics } from '../../support/metrics.ts';

/** As it arrives over the channel between two processes. */
async function samplesOf(add: (registers: Registry[]) => void): Promise<Samples> {
  const registry = new Registry();
  add([registry]);
  return JSON.parse(JSON.stringify(await readSamples(registry)));
}

const measured = (amount: number) =>
  samplesOf((registers) => {
    new Counter({ name: 'done_total', help: 'h', labelNames: ['how'], registers }).inc(
      { how: 'well' },
      amount,
    );
    new Gauge({ name: 'open', help: 'h', registers }).set(amount);
    new Histogram({ name: 'took_seconds', help: 'h', buckets: [1, 5], registers }).observe(amount);
    new Gauge({ name: 'process_memory_bytes', help: 'h', registers }).set(amount * 10);
    // As prom-client marks what it would leave out of a sum.
    new Gauge({ name: 'process_start', help: 'h', registers, aggregator: 'omit' }).set(amount);
    new Gauge({ name: 'nodejs_lag', help: 'h', registers, aggregator: 'average' }).set(Number.NaN);
  });

const told = async (...all: Samples[]) => parseMetrics(await merge(all).metrics());

test('work is added up, series by series', async () => {
  const [a, b] = [await measured(1), await measured(3)];
  expect(await told(ofWork(a), ofWork(b))).toEqual(
    new Map([
      ['done_total{how="well"}', 4],
      ['open', 4],
      ['took_seconds_bucket{le="1"}', 1],
      ['took_seconds_bucket{le="5"}', 2],
      ['took_seconds_bucket{le="+Inf"}', 2],
      ['took_seconds_sum', 4],
      ['took_seconds_count', 2],
    ]),
  );
});

test('what is about a process is told for each; of what is not a number there is nothing', async () => {
  const [a, b] = [await measured(1), await measured(3)];
  expect(await told(ofProcess(a, '1'), ofProcess(b, '2'))).toEqual(
    new Map([
      ['process_memory_bytes{process="1"}', 10],
      ['process_memory_bytes{process="2"}', 30],
      ['process_start{process="1"}', 1],
      ['process_start{process="2"}', 3],
    ]),
  );
});

test('what a process leaves behind is what only ever grows', async () => {
  const names = totalsOf(await measured(2)).map(({ name }) => name);
  expect(names).toEqual(['done_total', 'took_seconds']);
});

test('two processes that measure nothing yet tell the same as one, in the same words', async () => {
  const one = createTelemetry();
  const samples = await one.samples();
  expect(await merge([ofWork(samples), ofWork(samples)]).metrics()).toBe((await one.scrape()).body);
});
