import { runDeadLetterCommand } from '../app/dead-letters.ts';
import { runCommand } from '../shared/command.ts';
import { loadQueueToolConfig } from '../shared/config.ts';

await runCommand((io) =>
  runDeadLetterCommand(process.argv.slice(2), io, () => loadQueueToolConfig()),
);
