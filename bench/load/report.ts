import type { BenchResult, BenchRow, Chart } from '../kit/bench.ts';
import { AS_IT_IS, type Contestant, type LoadResult } from './run.ts';
import type { LevelSummary } from './summary.ts';
import { MIX_WORDS } from './traffic.ts';

const COLUMNS: [title: string, show: (level: LevelSummary) => string][] = [
  ['load', ({ percent }) => `${percent} %`],
  ['offered/s', ({ offered }) => offered.toFixed(0)],
  ['answered/s', ({ answered }) => answered.toFixed(0)],
  ['shed', ({ shed }) => `${(shed * 100).toFixed(1)} %`],
  ['failed', ({ failed }) => `${(failed * 100).toFixed(1)} %`],
  ['p50 ms', ({ p50 }) => p50.toFixed(0)],
  ['p95 ms', ({ p95 }) => p95.toFixed(0)],
  ['p99 ms', ({ p99 }) => p99.toFixed(0)],
  ['max ms', ({ max }) => max.toFixed(0)],
  ['shed p99', ({ shedP99 }) => shedP99?.toFixed(0) ?? '-'],
  ['late p99', ({ lateP99 }) => lateP99.toFixed(0)],
  ['MiB', ({ peakMemoryMib }) => (Number.isNaN(peakMemoryMib) ? '-' : peakMemoryMib.toFixed(0))],
  ['CPU s', ({ cpuSeconds }) => (Number.isNaN(cpuSeconds) ? '-' : cpuSeconds.toFixed(1))],
];
const WIDTH = 11;

/** The tables for a terminal. */
export function formatLoad({ capacity, contestants, seconds }: LoadResult): string {
  const line = (texts: string[]) => `${texts.map((text) => text.padStart(WIDTH)).join('')}\n`;
  const tables = contestants.map(({ name, levels, recoveryMs }) => {
    const rows = levels.map((level) => line(COLUMNS.map(([, show]) => show(level))));
    const recovery = recoveryMs === null ? `not within ${seconds} s` : `within ${recoveryMs} ms`;
    return `\n${name}\n${line(COLUMNS.map(([title]) => title))}${rows.join('')}back to normal ${recovery}\n`;
  });
  return `capacity: ${capacity.toFixed(0)} requests a second (${MIX_WORDS})\n${tables.join('')}`;
}

/** The same as rows and charts, as every bench has them. */
export function toBenchResult(result: LoadResult): BenchResult {
  const { contestants, capacity, seconds } = result;
  return {
    rows: contestants.flatMap((contestant) => toRows(contestant, result)),
    charts: [
      chart(
        contestants,
        'load-latency',
        'Latency of what is answered',
        'p99, milliseconds',
        'log',
        {
          of: ({ p99 }) => p99,
        },
      ),
      chart(contestants, 'load-answered', 'Answered requests', 'a second', 'linear', {
        of: ({ answered }) => answered,
      }),
    ],
    notes: [
      `Capacity is what a closed loop of 16 clients gets: ${capacity.toFixed(0)} requests a second. The mix: ${MIX_WORDS}.`,
      `Each level is an open loop of ${seconds} s: requests at a fixed rate whatever becomes of those before, latency from when each was due. Load generator, API and PostgreSQL share the machine.`,
    ],
  };
}

/** Only what is the default has goals. */
function toRows({ name, levels, recoveryMs }: Contestant, { capacity }: LoadResult): BenchRow[] {
  const isOurs = name === AS_IT_IS;
  const reported = { limit: null, ratio: null, goal: null };
  const rows = levels.flatMap(({ percent, answered, p99, shed, failed, peakMemoryMib }) => {
    const limit = (capacity * Math.min(percent, 100)) / 100;
    const at = `${name}, ${percent} % of capacity`;
    const goal = isOurs && percent > 100 ? { atLeast: 0.75 } : null;
    return [
      {
        what: `${at}: answered`,
        unit: 'requests a second',
        ours: answered,
        limit,
        ratio: answered / limit,
        goal,
      },
      { what: `${at}: p99`, unit: 'ms', ours: p99, ...reported },
      { what: `${at}: shed`, unit: 'share', ours: shed, ...reported },
      { what: `${at}: failed`, unit: 'share', ours: failed, ...reported },
      { what: `${at}: peak memory`, unit: 'MiB', ours: peakMemoryMib, ...reported },
    ];
  });
  if (recoveryMs === null) return rows;
  return [...rows, { what: `${name}: back to normal`, unit: 'ms', ours: recoveryMs, ...reported }];
}

function chart(
  contestants: Contestant[],
  name: string,
  title: string,
  y: string,
  scale: Chart['y']['scale'],
  { of }: { of(level: LevelSummary): number },
): Chart {
  return {
    ...{ name, title },
    x: { title: 'offered, % of capacity', scale: 'linear' },
    y: { title: y, scale },
    series: contestants.map(({ name: series, levels }) => ({
      name: series,
      points: levels.map((level) => ({ x: level.percent, y: of(level) })),
    })),
  };
}
