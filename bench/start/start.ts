import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, BenchOptions, BenchResult, BenchRow } from '../kit/bench.ts';
import { takeTurns } from '../kit/rounds.ts';
import { compareRounds } from '../kit/rows.ts';
import { withScratchDirectory } from '../kit/scratch.ts';
import { buildService } from './build-service.ts';
import { type LaunchOptions, launch } from './launched.ts';
import { measureMemory } from './memory.ts';
import { cpuMsOf } from './process-usage.ts';
import { startDatabaseOf } from './surroundings.ts';

const LOAD_SECONDS = { initial: '60', meaning: 'seconds of load, 15 or more' };
const LOAD_RATE = { initial: '100', meaning: 'requests a second of the load' };
/** A drift is between a third of it and its end. */
const LEAST_SECONDS = 15;
const MOST = 3_600;

export const startBench: Bench = {
  name: 'start',
  title: 'The API process: from its start to ready, its memory idle and under load',
  rounds: 5,
  settings: { 'load-seconds': LOAD_SECONDS, 'load-rate': LOAD_RATE },
  async run(options) {
    const { settings = {}, progress, signal } = options;
    const seconds = parseNumber('load-seconds', settings, LOAD_SECONDS.initial, LEAST_SECONDS);
    const requestsPerSecond = parseNumber('load-rate', settings, LOAD_RATE.initial, 1);
    return withScratchDirectory('start', async (directory) => {
      progress('compiling the service');
      const script = await buildService(directory, signal);
      const { ids, environment: env, close } = await startDatabaseOf(directory);
      try {
        const api: LaunchOptions = { args: [script], env, path: '/api/health/readiness', signal };
        const start = await measureStart(api, options);
        const memory = await measureMemory(api, { ...options, ids, seconds, requestsPerSecond });
        return withNotes({ rows: [...start, ...memory.rows], charts: [memory.chart] });
      } finally {
        await close();
      }
    });
  },
};

function parseNumber(
  name: string,
  settings: Readonly<Record<string, string>>,
  initial: string,
  least: number,
): number {
  const value = Number(settings[name] ?? initial);
  if (Number.isInteger(value) && value >= least && value <= MOST) return value;
  throw new Error(`--${name} takes a whole number from ${least} to ${MOST}`);
}

/** The least that Node can start with: a server that answers everything with 200. */
const EMPTY = `import http from 'node:http';
const server = http.createServer((request, response) => response.end());
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));`;

interface Start {
  readyMs: number;
  cpuMs: number | null;
}

async function measureStart(api: LaunchOptions, options: BenchOptions): Promise<BenchRow[]> {
  const empty = { ...api, args: ['--input-type=module', '--eval', EMPTY], path: '/' };
  const starts = await takeTurns(
    { api: () => startOnce(api), empty: () => startOnce(empty) },
    options,
  );
  const goal = null;
  const what = 'start to ready, against an empty Node server';
  const rows = [
    compareRounds({
      ...{ what, unit: 'ms', goal },
      ours: starts.api.map(({ readyMs }) => readyMs),
      limit: starts.empty.map(({ readyMs }) => readyMs),
    }),
  ];
  const [cpu, limit] = [cpuOf(starts.api), cpuOf(starts.empty)];
  if (cpu.length > 0) {
    const row = { what: 'the same in CPU time', unit: 'CPU ms', goal };
    rows.push(compareRounds({ ...row, ours: cpu, limit }));
  }
  return rows;
}

function cpuOf(starts: Start[]): number[] {
  return starts.flatMap(({ cpuMs }) => (cpuMs === null ? [] : [cpuMs]));
}

async function startOnce(options: LaunchOptions): Promise<Start> {
  const { pid, readyMs, stop } = await launch(options);
  try {
    return { readyMs, cpuMs: await cpuMsOf(pid) };
  } finally {
    await stop();
    // The next one is not to share its core with the end of this one.
    await sleep(100);
  }
}

function withNotes(result: BenchResult): BenchResult {
  return {
    ...result,
    notes: [
      'The service is compiled and laid out as in its container image, with the environment that the Dockerfile sets, ECDSA keys and a PostgreSQL that runs already. Ready is the first 200 of `/api/health/readiness`, which has asked the database.',
      'The load is single signed URLs (half of it), batches of 50 over REST and GraphQL (a fifth each) and upload URLs (a tenth), at a steady pace; a wrong answer fails the bench. Memory is what the process has resident, read once a second from outside; the drift is from a third of the load to its end, the median of five seconds each. Node gives memory back late, so it is the drift that tells of a leak.',
    ],
  };
}
