import { parseArgs } from 'node:util';

export interface MeasureArguments {
  urls: URL[];
  /** The n-th beside the n-th of `urls`; empty, or as many. */
  origins: URL[];
  samples: number;
  concurrency: number;
  /** Milliseconds. */
  target: number | undefined;
  miss: boolean;
  json: boolean;
  help: boolean;
}

const DEFAULT_SAMPLES = '20';
const MAX_SAMPLES = 1_000;
const MAX_CONCURRENCY = 50;

export const USAGE = `npm run cdn:measure -- [OPTION]... [URL]...

How long pictures take from a CDN: time to first byte and total, over new connections and over kept
ones, hits and misses apart (by X-Cache), as percentiles in milliseconds. HTTP/1.1; GET; redirects
are not followed; the whole body is read; a request may take 30 seconds.

  --origin URL       the same picture at S3, measured beside the CDN, and the ratio; give one for each
                     URL, in their order (for a private bucket a presigned URL)
  --samples N        requests for each URL and kind of connection, 1-${MAX_SAMPLES} (default ${DEFAULT_SAMPLES})
  --concurrency N    requests at a time, 1-${MAX_CONCURRENCY} (default 1: more of them share your line)
  --miss             a new v= for every request, so that each is a miss; public pictures only, since a
                     signature covers the query
  --target MS        marks whether nine in ten first bytes came within MS; misses and S3 are not judged
  --json             print JSON instead of tables
  --help             print this

"new" opens a connection for every request: name, TCP, TLS, then the answer. "kept" sends the request
on a connection that is open. The first request after a while is usually a miss, the next are hits.
Without URL, a sample is sent through the stack that runs in this checkout (npm start), and is
measured at the local edge beside the local S3. Queries, hence signatures, are never printed.
Exit status: 0 done, 1 requests failed or the target was missed, 2 wrong usage, 130 interrupted.
`;

/** Throws an Error that says what is wrong with the arguments; it quotes no URL. */
export function parseMeasureArguments(argv: string[]): MeasureArguments {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      origin: { type: 'string', multiple: true, default: [] },
      samples: { type: 'string', default: DEFAULT_SAMPLES },
      concurrency: { type: 'string', default: '1' },
      target: { type: 'string' },
      miss: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const urls = positionals.map((text) => parseUrl('URL', text));
  const origins = values.origin.map((text) => parseUrl('--origin', text));
  if (origins.length > 0 && origins.length !== urls.length) {
    throw new Error('give one --origin for each URL, or none');
  }
  if (values.miss && (urls.length === 0 || urls.some(isSigned))) {
    throw new Error('--miss needs URLs of public pictures: a signature covers the query');
  }
  return {
    urls,
    origins,
    samples: parseNumber('--samples', values.samples, MAX_SAMPLES),
    concurrency: parseNumber('--concurrency', values.concurrency, MAX_CONCURRENCY),
    target:
      values.target === undefined ? undefined : parseNumber('--target', values.target, 60_000),
    miss: values.miss,
    json: values.json,
    help: values.help,
  };
}

function parseUrl(what: string, text: string): URL {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol)) return url;
  throw new Error(`${what} must start with http:// or https://`);
}

function parseNumber(what: string, text: string, max: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= max) return value;
  throw new Error(`${what} takes a whole number from 1 to ${max}`);
}

function isSigned({ searchParams }: URL): boolean {
  return ['Signature', 'Policy', 'X-Amz-Signature'].some((name) => searchParams.has(name));
}
