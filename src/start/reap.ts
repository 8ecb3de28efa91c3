import { pino } from 'pino';
import { reapCommand } from '../app/reap.ts';
import { runCommand } from '../shared/command.ts';
import { loadReapConfig } from '../shared/config.ts';
import { createLogger } from '../shared/logger.ts';
import { resolveSecrets } from '../shared/secrets.ts';

await runCommand((io) =>
  reapCommand(process.argv.slice(2), io, async () => {
    const { environment, secrets } = await resolveSecrets(['DATABASE_URL']);
    const config = loadReapConfig(environment, secrets);
    // Standard output is for the numbers.
    const destination = pino.destination({ fd: 2, sync: true });
    return { config, logger: createLogger({ name: 'reap', level: config.LOG_LEVEL, destination }) };
  }),
);
