import { pino } from 'pino';
import { auditCommand } from '../app/audit.ts';
import { runCommand } from '../shared/command.ts';
import { loadAuditConfig } from '../shared/config.ts';
import { createLogger } from '../shared/logger.ts';
import { resolveSecrets } from '../shared/secrets.ts';

await runCommand((io) =>
  auditCommand(process.argv.slice(2), io, async () => {
    const { environment, secrets } = await resolveSecrets(['DATABASE_URL']);
    const config = loadAuditConfig(environment, secrets);
    // Standard output is for the table.
    const destination = pino.destination({ fd: 2, sync: true });
    return {
      config,
      logger: createLogger({ name: 'audit', level: config.LOG_LEVEL, destination }),
    };
  }),
);
