import { parseArgs } from 'node:util';

export interface ReapArguments {
  dryRun: boolean;
  /** Undefined: INGEST_PENDING_TTL_SECS. */
  olderThanSeconds: number | undefined;
  json: boolean;
  help: boolean;
}

export const USAGE = `npm run reap -- [OPTION]...

Makes up for lost upload events and cleans up what crashes have left: records that are pending for
too long are validated if something was uploaded, and fail if not; objects that no record needs are
deleted for good. The worker does the same by itself, see REAP_CRON.

  --dry-run             change nothing, count what would happen (nothing is decoded: whatever was
                        uploaded counts as "would be validated")
  --older-than SECONDS  what is younger is left alone (default INGEST_PENDING_TTL_SECS); below
                        the life of an ingest URL it fails images that are still being uploaded
  --json                print the numbers as JSON instead of a table
  --help                print this

Works on the stack that runs in this checkout, unless DATABASE_URL is set: then the environment
says where, as for the worker. LOG_LEVEL=info writes a line for every image and object to standard
error, in a dry run too. Ctrl-C finishes what is in work and prints what was done.
Exit status: 0 done, 1 some could not be settled, 2 wrong usage, 130 interrupted.
`;

/** Throws an Error that says what is wrong with the arguments. */
export function parseReapArguments(argv: string[]): ReapArguments {
  const { values } = parseArgs({
    args: argv,
    options: {
      'dry-run': { type: 'boolean', default: false },
      'older-than': { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return {
    dryRun: values['dry-run'],
    olderThanSeconds: parseSeconds(values['older-than']),
    json: values.json,
    help: values.help,
  };
}

function parseSeconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error('--older-than takes a whole number of seconds');
}
