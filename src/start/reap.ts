import { pino } from 'pino';
import { reapCommand } from '../app/reap.ts';
import { runCommand } from '../shared/command.ts';
import { loadReapConfig } from '../shared/config.ts';
import { createLogger } from '../shared/logger.ts';

await runCommand((io) =>
  reapCommand(process.argv.slice(2), io, () => {
    const config = loadReapConfig();
    // Standard output is for the numbers.
    const destination = pino.destination({ fd: 2, sync: true });
    return { config, logger: createLogger({ name: 'reap', level: config.LOG_LEVEL, destination }) };
  }),
);
