import { parseArgs } from 'node:util';

export interface NormalizeArguments {
  dryRun: boolean;
  batchSize: number;
  json: boolean;
  help: boolean;
}

const STANDARD_BATCH = 500;
const MAX_BATCH = 10_000;

export const USAGE = `npm run wishlist:normalize -- [OPTION]...

Gives wishlist pictures that are stored as S3 URLs of our bucket their object key. The URL stays
beside the key, so that CDN_ROLLOUT_PERCENT can be lowered again. Pictures on other sites and in
other buckets, and whatever has no key that the CDN serves, are left alone and counted.

  --dry-run    change nothing, count what would happen
  --batch N    items a query, 1 to ${MAX_BATCH} (default ${STANDARD_BATCH})
  --json       print the numbers as JSON instead of a table
  --help       print this

Works on the stack that runs in this checkout, unless DATABASE_URL is set: then the environment
says where (DATABASE_URL, S3_INPUT_BUCKET, AWS_REGION). LOG_LEVEL=info writes a line for every item
that is left alone to standard error. May be interrupted or killed, and run again: it goes on with
what is left. Ctrl-C finishes the batch in work and prints what was done.
Exit status: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
`;

/** Throws an Error that says what is wrong with the arguments. */
export function parseNormalizeArguments(argv: string[]): NormalizeArguments {
  const { values } = parseArgs({
    args: argv,
    options: {
      'dry-run': { type: 'boolean', default: false },
      batch: { type: 'string', default: String(STANDARD_BATCH) },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return {
    dryRun: values['dry-run'],
    batchSize: parseBatch(values.batch),
    json: values.json,
    help: values.help,
  };
}

function parseBatch(text: string): number {
  const size = Number(text);
  if (/^\d{1,9}$/.test(text) && size >= 1 && size <= MAX_BATCH) return size;
  throw new Error(`--batch takes a whole number from 1 to ${MAX_BATCH}`);
}
