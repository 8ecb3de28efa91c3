import path from 'node:path';
import { runDeadLetterCommand } from '../../src/app/dead-letters.ts';
import { runCommand } from '../../src/shared/command.ts';
import { loadQueueToolConfig } from '../../src/shared/config.ts';
import { forLocalStack, namesQueues } from './local-environment.ts';

/** npm run dlq: src/start/dlq.ts, and the running local stack where the environment names no queue. */
const STATE_DIR = path.resolve(import.meta.dirname, '../../.local');

await runCommand((io) =>
  runDeadLetterCommand(process.argv.slice(2), io, async () => {
    // The SDK looks for credentials in the environment, so it has to be this process's.
    if (!namesQueues(process.env)) process.env = await forLocalStack(STATE_DIR, process.env);
    return loadQueueToolConfig();
  }),
);
