import { availableParallelism } from 'node:os';
import type { Bench, BenchOptions, BenchResult, BenchRow } from '../kit/bench.ts';
import { median } from '../kit/rows.ts';
import { type BenchedApi, startBenchedApi } from './api.ts';
import { startScalingDatabase } from './database.ts';
import { startDriver } from './driver.ts';

/** More than enough for every process to have several at a time. */
const CONNECTIONS = 32;
const REQUESTS_A_ROUND = 800;
const MOST_PROCESSES = 16;

interface Sample {
  requestsPerSecond: number;
  /** Of all processes of the API, the primary included. */
  cpuMicroseconds: number;
}

/** How far more processes carry on the cores there are. */
export const scalingBench: Bench = {
  name: 'scaling',
  title:
    'Batches of 50 signed URLs over REST with 1, 2, 4 ... API processes on this machine’s cores',
  run,
};

async function run({ rounds, progress }: BenchOptions): Promise<BenchResult> {
  const cores = availableParallelism();
  const counts = processCounts(Math.min(cores, MOST_PROCESSES));
  const database = await startScalingDatabase();
  const driver = await startDriver(database.ids);
  const apis: BenchedApi[] = [];
  try {
    for (const count of counts) {
      progress(`starting ${count} of them`);
      const api = await startBenchedApi(count, database.environment);
      apis.push(api);
      // Opens the first connections of the pools a few at a time: all at once can take too long.
      await driver.drive({ port: api.port, requests: 50 * count, connections: 2 * count });
    }
    const samples = new Map(counts.map((count) => [count, [] as Sample[]]));
    // The first round warms up code, connections and plans, and does not count.
    for (let round = 0; round <= rounds; round += 1) {
      progress(round === 0 ? 'warming up' : `round ${round} of ${rounds}`);
      for (const api of round % 2 === 0 ? apis : apis.toReversed()) {
        const sample = await measure(api, driver);
        if (round > 0) samples.get(api.processes)?.push(sample);
      }
    }
    return report(samples, cores);
  } finally {
    for (const api of apis) await api.stop();
    await driver.stop();
    await database.close();
  }
}

/** 1, 2, 4 ... and what there is. */
function processCounts(cores: number): number[] {
  const powers = [1, 2, 4, 8, 16].filter((count) => count < cores);
  return [...powers, cores];
}

async function measure(
  api: BenchedApi,
  driver: Awaited<ReturnType<typeof startDriver>>,
): Promise<Sample> {
  const before = await api.cpuSeconds();
  const { seconds } = await driver.drive({
    port: api.port,
    requests: REQUESTS_A_ROUND,
    connections: CONNECTIONS,
  });
  const cpuSeconds = (await api.cpuSeconds()) - before;
  return {
    requestsPerSecond: REQUESTS_A_ROUND / seconds,
    cpuMicroseconds: (cpuSeconds * 1e6) / REQUESTS_A_ROUND,
  };
}

function report(samples: Map<number, Sample[]>, cores: number): BenchResult {
  const medians = [...samples].map(([count, all]) => ({
    count,
    rate: median(all.map(({ requestsPerSecond }) => requestsPerSecond)),
    cpu: median(all.map(({ cpuMicroseconds }) => cpuMicroseconds)),
  }));
  const [one = { rate: Number.NaN, cpu: Number.NaN }] = medians;
  const rows = medians.flatMap(({ count, rate, cpu }): BenchRow[] => {
    const what = count === 1 ? '1 process' : `${count} processes`;
    const isFirst = count === 1;
    return [
      {
        ...{ what, unit: 'requests a second', ours: rate, goal: null },
        limit: isFirst ? null : one.rate * count,
        ratio: isFirst ? null : rate / (one.rate * count),
      },
      {
        ...{ what, unit: 'CPU µs a request', ours: cpu, goal: null },
        limit: isFirst ? null : one.cpu,
        ratio: isFirst ? null : cpu / one.cpu,
      },
    ];
  });
  const points = (y: (each: (typeof medians)[number]) => number) =>
    medians.map((each) => ({ x: each.count, y: y(each) }));
  return {
    rows,
    charts: [
      {
        name: 'scaling',
        title: `Requests a second by API processes, on ${cores} cores`,
        x: { title: 'API processes', scale: 'linear' },
        y: { title: 'batches of 50 a second', scale: 'linear' },
        series: [
          { name: 'measured', points: points(({ rate }) => rate) },
          { name: 'so many times one process', points: points(({ count }) => one.rate * count) },
        ],
      },
    ],
    notes: [
      `Driver and PostgreSQL run on the same ${cores} cores as the API: one process already keeps them ` +
        'busy in part, so the line bends before the last core. On machines of their own it goes on. ' +
        'The limit of requests a second is one process times their number.',
      'CPU a request is that of all API processes and their primary: that it stays the same says that ' +
        'more processes cost nothing by themselves.',
    ],
  };
}
