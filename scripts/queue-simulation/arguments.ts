import { parseArgs } from 'node:util';
import { parseBurst, parseMix, parseNumber, parseWorkers } from './argument-values.ts';
import { meanCpuMs } from './service.ts';
import type { SimulationOptions } from './simulation.ts';

export interface SimulationArguments {
  /** Without the number of workers. */
  options: Omit<SimulationOptions, 'workers'>;
  workers: number[];
  /** What no message may wait longer than; undefined for no judgement. */
  targetWaitSeconds: number | undefined;
  format: 'table' | 'json' | 'csv';
  help: boolean;
}

/** As the worker does it: after the first error, after the second. */
const RETRY_DELAYS_SECONDS = [5, 30];
/** What a run of a few seconds can take. */
const MAX_MESSAGES = 5_000_000;

export const USAGE = `npm run simulate:queue -- [OPTION]...

How long uploads wait for a worker, and how many wait, by the number of workers: a simulation of the
media queue, with messages that arrive at random, workers as the service has them, and redelivery.

  --arrivals-per-second N     uploads a second, on average (default 10)
  --burst FACTORxSECONDS      so many times as many for so long, from a quarter of the time on
  --hours N                   how long uploads arrive (default 1)
  --workers N,N,... or N-N    numbers of workers to compare (default: eight, from what the average
                              needs to what the burst needs)
  --concurrency N             WORKER_CONCURRENCY: messages at a time, of a worker (default 10)
  --cores N                   cores of a worker (default 1)
  --service-ms N              CPU time of a message, in milliseconds of one core (default 150)
  --mix NAME=PERCENT@MS,...   several kinds of messages in its place, such as jpeg=80@100,avif=20@600
  --spread KIND               exponential: most take less, few far more (default); or fixed
  --io-ms N                   what a message takes besides, for S3 and database (default 50)
  --fail-rate N               of the receives, how many end with an error, 0-1 (default 0); the
                              message is back after 5 seconds, then 30
  --lost-rate N               of the receives, how many end with the worker, 0-1 (default 0); the
                              message is back after the visibility timeout
  --visibility-secs N         SQS_VISIBILITY_TIMEOUT_SECS (default 60)
  --max-receives N            receives before a message is dead (default 3)
  --target-wait-secs N        tells the smallest number of workers with which no message waits longer
  --seed N                    another seed, another course of chance (default 1)
  --json, --csv               in place of the table
  --help                      print this

wait is from being sent to being received for the first time; oldest, the greatest age of a message
before it was gone, with all its redeliveries; drain, from the end of the burst until nothing waits.
The same options give the same numbers. docs/capacity.md says what they are for.
Exit status: 0 done, 1 no number of workers keeps the target, 2 wrong usage, 130 interrupted.
`;

/** Throws an Error that names the option that is wrong. */
export function parseSimulationArguments(argv: string[]): SimulationArguments {
  const { values } = parseArgs({
    args: argv,
    options: {
      'arrivals-per-second': { type: 'string', default: '10' },
      burst: { type: 'string' },
      hours: { type: 'string', default: '1' },
      workers: { type: 'string' },
      concurrency: { type: 'string', default: '10' },
      cores: { type: 'string', default: '1' },
      'service-ms': { type: 'string' },
      mix: { type: 'string' },
      spread: { type: 'string', default: 'exponential' },
      'io-ms': { type: 'string', default: '50' },
      'fail-rate': { type: 'string', default: '0' },
      'lost-rate': { type: 'string', default: '0' },
      'visibility-secs': { type: 'string', default: '60' },
      'max-receives': { type: 'string', default: '3' },
      'target-wait-secs': { type: 'string' },
      seed: { type: 'string', default: '1' },
      json: { type: 'boolean', default: false },
      csv: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { mix, spread, json, csv } = values;
  const serviceMs = values['service-ms'];
  if (json && csv) throw new Error('give --json or --csv, not both');
  if (mix !== undefined && serviceMs !== undefined) {
    throw new Error('give --service-ms or --mix, not both');
  }
  if (spread !== 'exponential' && spread !== 'fixed') {
    throw new Error('--spread takes exponential or fixed');
  }

  type Name = Exclude<keyof typeof values, 'json' | 'csv' | 'help'>;
  const number = (name: Name, min: number, max: number) =>
    parseNumber(`--${name}`, values[name] ?? '', { min, max });
  const whole = (name: Name, min: number, max: number) =>
    parseNumber(`--${name}`, values[name] ?? '', { min, max, whole: true });

  const seconds = number('hours', 0.001, 8_760) * 3600;
  const arrivalsPerSecond = number('arrivals-per-second', 0.000_001, 1_000_000);
  const burst = values.burst === undefined ? null : parseBurst(values.burst, seconds);
  const failRate = number('fail-rate', 0, 1);
  const lostRate = number('lost-rate', 0, 1);
  if (failRate + lostRate > 1)
    throw new Error('--fail-rate and --lost-rate are 1 together, at most');
  const options = {
    ...{ seconds, arrivalsPerSecond, burst, failRate, lostRate, spread },
    kinds:
      mix === undefined
        ? [
            {
              name: 'any',
              share: 1,
              cpuMs: serviceMs === undefined ? 150 : number('service-ms', 0.001, 3_600_000),
            },
          ]
        : parseMix(mix),
    concurrency: whole('concurrency', 1, 100),
    cores: whole('cores', 1, 128),
    ioSeconds: number('io-ms', 0, 3_600_000) / 1000,
    visibilitySeconds: number('visibility-secs', 0, 43_200),
    retryDelaysSeconds: RETRY_DELAYS_SECONDS,
    maxReceives: whole('max-receives', 1, 1000),
    seed: whole('seed', 0, 4_294_967_295),
  } satisfies SimulationArguments['options'];
  assertBounded(options);
  return {
    options,
    workers: values.workers === undefined ? likelyWorkers(options) : parseWorkers(values.workers),
    targetWaitSeconds:
      values['target-wait-secs'] === undefined
        ? undefined
        : number('target-wait-secs', 0, 1_209_600),
    format: json ? 'json' : csv ? 'csv' : 'table',
    help: values.help,
  };
}

function assertBounded({
  arrivalsPerSecond,
  seconds,
  burst,
}: SimulationArguments['options']): void {
  const more =
    burst === null ? 0 : (burst.factor - 1) * (burst.endsAtSeconds - burst.startsAtSeconds);
  const messages = arrivalsPerSecond * (seconds + more);
  if (messages <= MAX_MESSAGES) return;
  throw new Error(
    `--arrivals-per-second, --burst and --hours make ${Math.round(messages / 1e6)} million messages, ` +
      `${MAX_MESSAGES / 1e6} million at most: a tenth of the uploads needs some tenth of the workers`,
  );
}

/** From as many as work all the time at the average to as many as a burst that never ends needs. */
function likelyWorkers(options: SimulationArguments['options']): number[] {
  const { arrivalsPerSecond, burst, kinds, cores, failRate, lostRate } = options;
  const load = (arrivalsPerSecond * meanCpuMs(kinds)) / 1000 / cores;
  const least = Math.max(1, Math.ceil(load * (1 + failRate + lostRate)));
  const most = Math.ceil(Math.max(least + 7, 1.25 * load * Math.max(1, burst?.factor ?? 1)));
  const steps = Array.from({ length: 8 }, (_, step) => least * (most / least) ** (step / 7));
  return [...new Set(steps.map((workers) => Math.round(workers)))];
}
