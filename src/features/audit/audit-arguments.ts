import { parseArgs } from 'node:util';
import type { StartAuditInput } from './start-audit.ts';

export interface AuditArguments {
  /** A job to go on with, or what a new one is asked for. */
  job: { resume: string } | { start: StartAuditInput };
  json: boolean;
  /** The file for what was changed. */
  report: string | undefined;
  /** The file for what was left as it is. */
  reportLeft: string | undefined;
}

export const USAGE = `npm run audit -- --stage N [OPTION]...
npm run audit -- --resume JOB [OPTION]...

Finds objects that lie about their format, and repairs them: stage 1 sets the Content-Type of main
images, stage 2 copies thumb_*.png that are JPEG to thumb_*.jpg, stage 3 deletes those thumb_*.png.
Run them in this order, each as a dry run first; docs/format-audit.md says what to deploy in between.

  --stage N         1, 2 or 3
  --dry-run         change nothing, count what would be changed
  --prefix P        only objects whose keys begin so (default: all; never ingest/ and thumbnails/)
  --limit N         look at no more than N objects
  --force           start stage 3 without a complete stage 2 of the same prefix before it
  --resume JOB      go on with a job that was cancelled, failed or killed, or follow one that runs
  --json            print the job as JSON instead of a table
  --report FILE     write every object that was changed, or would be, as CSV: key,from,to
  --report-left FILE
                    write what was left as it is for a reason worth telling, and every object
                    that could not be dealt with, as CSV: key,outcome,reason
  --help            print this

The job is one like any other: the API shows it, and it is done by this process, no worker needed.
Ctrl-C cancels it, and --resume goes on with it; when this process is killed a worker takes it over.
Works on the stack that runs in this checkout, unless DATABASE_URL is set: then the environment says
where, as for the worker.
Exit status: 0 done, 1 failed or some objects could not be dealt with, 2 wrong usage, 130 interrupted.
`;

/** Null when it is to print how it is used. Throws an Error that says what is wrong. */
export function parseAuditArguments(argv: string[]): AuditArguments | null {
  const { values } = parseArgs({
    args: argv,
    options: {
      stage: { type: 'string' },
      'dry-run': { type: 'boolean' },
      prefix: { type: 'string' },
      limit: { type: 'string' },
      force: { type: 'boolean' },
      resume: { type: 'string' },
      json: { type: 'boolean', default: false },
      report: { type: 'string' },
      'report-left': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const { help, json, report, 'report-left': reportLeft, resume, ...rest } = values;
  if (help) return null;
  if (report === '') throw new Error('--report takes the name of a file');
  if (reportLeft === '') throw new Error('--report-left takes the name of a file');
  const output = { json, report, reportLeft };
  if (resume === undefined) return { job: { start: parseStart(rest) }, ...output };
  const [other] = Object.keys(rest);
  if (other !== undefined) throw new Error(`--resume goes on with a job as it is: no --${other}`);
  return { job: { resume }, ...output };
}

interface StartValues {
  stage?: string | undefined;
  'dry-run'?: boolean | undefined;
  prefix?: string | undefined;
  limit?: string | undefined;
  force?: boolean | undefined;
}

function parseStart(values: StartValues): StartAuditInput {
  const { stage, prefix, limit, force, 'dry-run': dryRun } = values;
  if (stage === undefined) throw new Error('--stage is missing');
  if (!/^[123]$/.test(stage)) throw new Error('--stage takes 1, 2 or 3');
  if (limit !== undefined && !/^[1-9]\d{0,8}$/.test(limit)) {
    throw new Error('--limit takes a whole number from 1 to 999999999');
  }
  return {
    ...{ stage: Number(stage), dryRun, prefix, force },
    ...(limit !== undefined && { limit: Number(limit) }),
  };
}
