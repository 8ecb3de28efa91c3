import { assertMayDiscard, discard, redrive } from '../features/dead-letters/act-commands.ts';
import {
  type Command,
  parseCommand,
  USAGE,
  UsageError,
} from '../features/dead-letters/arguments.ts';
import { list, show } from '../features/dead-letters/read-commands.ts';
import { openSession, type Session } from '../features/dead-letters/session.ts';
import { parseS3Event } from '../features/ingest/s3-event.ts';
import { type CommandIo, describeError, EXIT } from '../shared/command.ts';
import { ConfigError, type QueueToolConfig } from '../shared/config.ts';
import { createDeadLetterQueue } from '../shared/dead-letters.ts';

/**
 * The command for dead letters, without the process around it. Resolves with the exit status.
 *
 * @param loadConfig asked only once the command line makes sense; may throw ConfigError
 */
export async function runDeadLetterCommand(
  argv: string[],
  io: CommandIo,
  loadConfig: () => QueueToolConfig | Promise<QueueToolConfig>,
): Promise<number> {
  try {
    const command = parseCommand(argv);
    if (command.name === 'help') {
      io.stdout.write(USAGE);
      return EXIT.ok;
    }
    if (command.name === 'discard') assertMayDiscard(command, io.stdin);
    return await runOnQueue(command, io, await loadConfig());
  } catch (error) {
    if (error instanceof UsageError) {
      io.stderr.write(`dlq: ${error.message}; see --help\n`);
      return EXIT.usage;
    }
    if (error instanceof ConfigError) {
      io.stderr.write(`${error.message}\n`);
      return EXIT.usage;
    }
    io.stderr.write(`dlq: ${describeError(error)}\n`);
    return EXIT.failed;
  }
}

type QueueCommand = Exclude<Command, { name: 'help' }>;

async function runOnQueue(
  command: QueueCommand,
  io: CommandIo,
  config: QueueToolConfig,
): Promise<number> {
  const queue = createDeadLetterQueue(config);
  try {
    const session = await openSession(queue, io, parseS3Event);
    try {
      return await runInSession(command, session);
    } finally {
      await session.end();
    }
  } finally {
    queue.close();
  }
}

function runInSession(command: QueueCommand, session: Session): Promise<number> {
  switch (command.name) {
    case 'list':
      return list(session, command);
    case 'show':
      return show(session, command);
    case 'redrive':
      return redrive(session, command);
    case 'discard':
      return discard(session, command);
  }
}
