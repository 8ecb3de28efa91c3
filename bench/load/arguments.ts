import { parseArgs } from 'node:util';

export interface LoadArguments {
  /** How long each level is held. */
  seconds: number;
  /** A running service to load; undefined starts one. */
  url: URL | undefined;
  /** Values of API_MAX_IN_FLIGHT that are measured beside the default. */
  beside: number[];
  json: string | undefined;
  help: boolean;
}

const DEFAULT_SECONDS = 10;
const MAX_SECONDS = 60;
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

export const USAGE = `npm run bench:load -- [OPTION]...

What the API does with more requests than it can answer: a mix of batches of 50, single images, ingest
URLs and GraphQL pages, first as fast as it answers (its capacity), then at 50, 80, 100 and 150 % of
that, whether it answers or not, then at 50 % again, to see how soon it is well. Latencies count from
when a request was due. Starts a PostgreSQL and an API process of its own.

  --seconds N    how long each level is held, 2-${MAX_SECONDS} (default ${DEFAULT_SECONDS})
  --beside N,... also measures API_MAX_IN_FLIGHT=N, up to 4 of them, level by level in turns; 0 sheds
                 nothing
  --url URL      loads this service instead; it has to be on this machine, and have READY images.
                 Makes image records there that nobody uploads to
  --json FILE    writes rows and charts there, too
  --help         print this

Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
`;

/** Throws an Error that says what is wrong with the arguments. */
export function parseLoadArguments(argv: string[]): LoadArguments {
  const { values } = parseArgs({
    args: argv,
    options: {
      seconds: { type: 'string', default: String(DEFAULT_SECONDS) },
      url: { type: 'string' },
      beside: { type: 'string' },
      json: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const seconds = /^\d{1,3}$/.test(values.seconds) ? Number(values.seconds) : 0;
  if (seconds < 2 || seconds > MAX_SECONDS) {
    throw new Error(`--seconds takes a whole number from 2 to ${MAX_SECONDS}`);
  }
  const url = values.url === undefined ? undefined : loopbackUrl(values.url);
  const beside = values.beside?.split(',') ?? [];
  if (beside.length > 4 || !beside.every((text) => /^\d{1,5}$/.test(text))) {
    throw new Error('--beside takes up to 4 whole numbers, such as 0,10');
  }
  if (url && beside.length > 0)
    throw new Error('--beside starts services of its own: not with --url');
  return { seconds, url, beside: beside.map(Number), json: values.json, help: values.help };
}

/** A load generator that can be pointed at others is a weapon: this one cannot. */
export function loopbackUrl(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol !== 'http:') throw new Error('--url must start with http://');
  if (!LOOPBACK.has(url.hostname)) throw new Error('--url must be on this machine: loopback only');
  return url;
}
