import type { SimulationResult } from './tally.ts';

/** What is told of each number of workers, in the words of machines and of people. */
export interface Row {
  workers: number;
  utilisation: number;
  wait_mean_secs: number;
  wait_p95_secs: number;
  wait_max_secs: number;
  oldest_secs: number;
  backlog_max: number;
  in_flight_max: number;
  drain_secs: number | null;
  arrivals: number;
  done: number;
  dead: number;
  redelivered: number;
  waiting_at_end: number;
  in_work_at_end: number;
  returning_at_end: number;
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

export function toRow(result: SimulationResult): Row {
  const { wait, left } = result;
  return {
    workers: result.workers,
    utilisation: rounded(result.utilisation),
    wait_mean_secs: rounded(wait.meanSeconds),
    wait_p95_secs: rounded(wait.p95Seconds),
    wait_max_secs: rounded(wait.maxSeconds),
    oldest_secs: rounded(result.oldestSeconds),
    backlog_max: result.maxBacklog,
    in_flight_max: result.maxInFlight,
    drain_secs: result.drainSeconds === null ? null : rounded(result.drainSeconds),
    arrivals: result.arrivals,
    done: result.done,
    dead: result.dead,
    redelivered: result.redelivered,
    waiting_at_end: left.waiting,
    in_work_at_end: left.inWork,
    returning_at_end: left.returning,
  };
}

/** The columns of the table: heading, width, what is in it. */
const COLUMNS: [string, number, (row: Row) => string][] = [
  ['workers', 7, ({ workers }) => String(workers)],
  ['busy', 7, ({ utilisation }) => `${(100 * utilisation).toFixed(0)} %`],
  ['mean wait', 12, ({ wait_mean_secs: seconds }) => duration(seconds)],
  ['p95', 11, ({ wait_p95_secs: seconds }) => duration(seconds)],
  ['max', 11, ({ wait_max_secs: seconds }) => duration(seconds)],
  ['oldest', 11, ({ oldest_secs: seconds }) => duration(seconds)],
  ['backlog', 10, ({ backlog_max: messages }) => String(messages)],
  ['in flight', 10, ({ in_flight_max: messages }) => String(messages)],
  ['drain', 11, ({ drain_secs: seconds }) => (seconds === null ? '-' : duration(seconds))],
  ['dead', 7, ({ dead }) => String(dead)],
  ['left', 9, (row) => String(row.waiting_at_end + row.in_work_at_end + row.returning_at_end)],
];

function duration(seconds: number): string {
  if (seconds < 1) return `${(1000 * seconds).toFixed(0)} ms`;
  if (seconds < 600) return `${seconds.toFixed(1)} s`;
  return seconds < 36_000 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** One line for each number of workers. */
export function formatTable(rows: readonly Row[]): string {
  const lines = [
    COLUMNS.map(([heading, width]) => heading.padStart(width)).join(''),
    ...rows.map((row) => COLUMNS.map(([, width, text]) => text(row).padStart(width)).join('')),
  ];
  return `${lines.join('\n')}\n`;
}

/** With the names of the JSON as its first line; empty for what there is not. */
export function formatCsv(rows: readonly Row[]): string {
  const lines = rows.map((row) => Object.values(row).join(','));
  return `${[Object.keys(rows[0] ?? {}).join(','), ...lines].join('\n')}\n`;
}
