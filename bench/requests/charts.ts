import type { Bench, Chart } from '../kit/bench.ts';
import { median } from '../kit/rows.ts';
import { type Arena, withContestants } from './contestants.ts';
import { graphqlMany, graphqlOne, type Job, restMany, restOne } from './jobs.ts';
import { CONCURRENCY, type Entry, measure } from './measure.ts';

const SIZES = [1, 2, 5, 10, 20, 50];
const CONCURRENCIES = [1, 4, 16, 64];
/** Each has a dozen points or more. */
const ROUNDS = 3;
const COST = { title: 'CPU µs a request', scale: 'log' } as const;

/** What a request costs by how many images it asks for. */
export const batchSize: Bench = {
  name: 'batch-size',
  title: 'CPU time of a request by the number of URLs it asks for, over REST and GraphQL',
  rounds: ROUNDS,
  run: (options) =>
    withContestants(async (arena) => {
      const lines = await startLines(arena);
      const entries = lines.flatMap(({ name, contestant, many }) =>
        SIZES.map(
          (size): Entry => ({
            name,
            contestant,
            job: many(size),
            concurrency: CONCURRENCY,
          }),
        ),
      );
      const costs = (await measure(arena, entries, options)).map(median);
      const chart: Chart = {
        name: 'batch-size',
        title: 'Cost of a request by how many URLs it asks for',
        x: { title: 'URLs a request', scale: 'log' },
        y: COST,
        series: seriesOf(entries, costs, ({ job }) => job.size),
      };
      return { rows: rowsOf(chart, 'URLs'), charts: [chart] };
    }),
};

/** What a request costs by how many are under way at a time. */
export const concurrency: Bench = {
  name: 'concurrency',
  title: 'CPU time of a request for one URL by how many requests are under way at a time',
  rounds: ROUNDS,
  run: (options) =>
    withContestants(async (arena) => {
      const lines = await startLines(arena);
      const entries = lines.flatMap(({ name, contestant, one }) =>
        CONCURRENCIES.map(
          (concurrent): Entry => ({
            name,
            contestant,
            job: one,
            concurrency: concurrent,
          }),
        ),
      );
      const costs = (await measure(arena, entries, options)).map(median);
      const chart: Chart = {
        name: 'concurrency',
        title: 'Cost of one URL by how many requests are under way',
        x: { title: 'requests at a time', scale: 'log' },
        y: COST,
        series: seriesOf(entries, costs, (entry) => entry.concurrency),
      };
      return { rows: rowsOf(chart, 'requests at a time'), charts: [chart] };
    }),
};

async function startLines({ start, ids }: Arena) {
  const api = await start('api');
  const lean = await start('lean');
  const rest = { one: restOne(ids), many: (size: number): Job => restMany(ids, size) };
  const graphql = { one: graphqlOne(ids), many: (size: number): Job => graphqlMany(ids, size) };
  return [
    { name: 'GraphQL', contestant: api, ...graphql },
    { name: 'REST', contestant: api, ...rest },
    { name: 'lean program', contestant: lean, ...rest },
  ];
}

function seriesOf(entries: Entry[], costs: number[], x: (entry: Entry) => number): Chart['series'] {
  const series = new Map<string, { x: number; y: number }[]>();
  for (const [index, entry] of entries.entries()) {
    const points = series.get(entry.name) ?? [];
    points.push({ x: x(entry), y: costs[index] ?? Number.NaN });
    series.set(entry.name, points);
  }
  return Array.from(series, ([name, points]) => ({ name, points }));
}

/** Each point, beside the lean program's. */
function rowsOf({ series }: Chart, unit: string) {
  const lean = series.at(-1)?.points ?? [];
  return series.slice(0, -1).flatMap(({ name, points }) =>
    points.map(({ x, y }, index) => {
      const limit = lean[index]?.y ?? Number.NaN;
      const what = `${name}, ${x} ${unit}`;
      return { what, unit: COST.title, ours: y, limit, ratio: y / limit, goal: null };
    }),
  );
}
