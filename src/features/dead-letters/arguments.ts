import { parseArgs } from 'node:util';
import { describeError } from '../../shared/command.ts';

export const USAGE = `Usage: npm run dlq -- COMMAND [OPTION]...      (in production: node dist/start/dlq.js COMMAND ...)

Looks after the messages that the worker could not handle.

  list                   what is in the dead-letter queue
    --limit N            no more than N of them, whichever SQS gives first
  show ID                everything about one message
  redrive ID...          puts messages back into the media queue, to be tried again
  redrive --all          all that are there now; asks first on a terminal
  discard ID...          deletes messages for good; asks first, needs --yes without a terminal

  --yes, -y              do not ask
  --json                 print one JSON array; everything else goes to standard error
  --help, -h             print this

ID is a message's id, or the messageId under which the worker has logged it.
Messages are hidden from other readers while this runs, and for up to 30 seconds after it is killed.
Queues: SQS_MEDIA_QUEUE_URL, SQS_MEDIA_DLQ_URL and AWS_REGION; without them, the running local stack.
Exit status: 0 all went well, 1 some message was not found, something failed, or the answer was no,
2 wrong usage or configuration, 130 interrupted.
`;

/** What is wrong with the command line, in words for the person who wrote it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What all commands may be told. */
export interface Options {
  json: boolean;
  /** Whether to go ahead without asking. */
  yes: boolean;
}

export type Command = Options &
  (
    | { name: 'help' }
    | { name: 'list'; limit: number | null }
    | { name: 'show'; id: string }
    /** `ids` is null for all. */
    | { name: 'redrive'; ids: string[] | null }
    | { name: 'discard'; ids: string[] }
  );

/** Throws UsageError for what makes no sense, rather than guess what to do with messages. */
export function parseCommand(argv: string[]): Command {
  const { values, positionals } = parse(argv);
  const [name, ...given] = positionals;
  const ids = [...new Set(given)];
  const { json, yes, all, limit } = values;
  const options = { json, yes };
  if (values.help) return { name: 'help', ...options };
  if (ids.includes('')) throw new UsageError('an ID is empty');
  if (limit !== undefined && name !== 'list') throw new UsageError('--limit is for list only');
  if (all && name !== 'redrive') throw new UsageError('--all is for redrive only');
  switch (name) {
    case 'list':
      if (ids.length > 0) throw new UsageError('list takes no ID; did you mean show?');
      return { name, limit: limit === undefined ? null : parseLimit(limit), ...options };
    case 'show': {
      const [id, ...rest] = ids;
      if (id === undefined || rest.length > 0) throw new UsageError('show takes one ID');
      return { name, id, ...options };
    }
    case 'redrive':
      if (all === ids.length > 0) throw new UsageError('redrive takes either IDs or --all');
      return { name, ids: all ? null : ids, ...options };
    case 'discard':
      if (ids.length === 0) throw new UsageError('discard takes at least one ID');
      return { name, ids, ...options };
    case undefined:
      throw new UsageError('a command is missing: list, show, redrive or discard');
    default:
      throw new UsageError(`unknown command ${JSON.stringify(name)}`);
  }
}

function parse(argv: string[]) {
  try {
    return parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        limit: { type: 'string' },
        all: { type: 'boolean', default: false },
        yes: { type: 'boolean', short: 'y', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    throw new UsageError(describeError(error));
  }
}

function parseLimit(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError('--limit takes a whole number above 0');
}
