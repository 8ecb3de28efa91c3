import { parseArgs } from 'node:util';
import { describeProblem, Problem } from './problem.ts';

export interface DemoArguments {
  files: string[];
  /** Null: the stack that runs in this checkout. */
  api: URL | null;
  jobs: number;
  timeoutMs: number;
  json: boolean;
  help: boolean;
}

const MAX_JOBS = 64;
const MAX_TIMEOUT_SECONDS = 86_400;

export const USAGE = `npm run demo -- [OPTION]... [FILE]...

Takes images through the Media API and back: ingest URL, upload, check, signed URL, download.
Each must come back with the very bytes it went in with. Without files it sends samples: one image
of every type, and a PNG that says it is a JPEG, which must be refused.

  --api URL          GraphQL endpoint to use instead of the stack that runs in this checkout
  --jobs N           uploads, and downloads, at once; 1 to ${MAX_JOBS} (default 4)
  --timeout SECONDS  how long an uploaded image may be pending (default 60)
  --json             print the rows as JSON instead of a table
  --help             print this

MS is the time from the answer to the upload until the image was seen ready or failed.
Exit status: 0 all files came out as they must, 1 some did not, 2 nothing could be sent.
`;

/** Throws Problem for options that are unknown or make no sense. */
export function parseDemoArguments(argv: string[]): DemoArguments {
  const { values, positionals } = parse(argv);
  return {
    files: positionals,
    api: values.api === undefined ? null : parseEndpoint(values.api),
    jobs: parseNumber('--jobs', values.jobs, { max: MAX_JOBS, whole: true }),
    timeoutMs: 1000 * parseNumber('--timeout', values.timeout, { max: MAX_TIMEOUT_SECONDS }),
    json: values.json,
    help: values.help,
  };
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        api: { type: 'string' },
        jobs: { type: 'string', default: '4' },
        timeout: { type: 'string', default: '60' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new Problem(describeProblem(error));
  }
}

function parseEndpoint(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return url;
  throw new Problem('--api takes an http or https URL, for example http://localhost:4000/graphql');
}

function parseNumber(
  option: string,
  text: string,
  { max, whole = false }: { max: number; whole?: boolean },
): number {
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (number > 0 && number <= max && (!whole || Number.isInteger(number))) return number;
  throw new Problem(`${option} takes a ${whole ? 'whole ' : ''}number above 0 and up to ${max}`);
}
