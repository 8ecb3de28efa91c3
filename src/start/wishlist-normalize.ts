import { pino } from 'pino';
import { normalizeWishlistCommand } from '../app/wishlist-normalize.ts';
import { runCommand } from '../shared/command.ts';
import { loadNormalizeWishlistConfig } from '../shared/config.ts';
import { createLogger } from '../shared/logger.ts';
import { resolveSecrets } from '../shared/secrets.ts';

await runCommand((io) =>
  normalizeWishlistCommand(process.argv.slice(2), io, async () => {
    const { environment, secrets } = await resolveSecrets(['DATABASE_URL']);
    const config = loadNormalizeWishlistConfig(environment, secrets);
    // Standard output is for the numbers.
    const destination = pino.destination({ fd: 2, sync: true });
    const logger = createLogger({
      name: 'wishlist-normalize',
      level: config.LOG_LEVEL,
      destination,
    });
    return { config, logger };
  }),
);
