import { startApi } from '../app/api.ts';
import { loadApiConfig } from '../shared/config.ts';
import { createLogger } from '../shared/logger.ts';
import { runProcess } from '../shared/process.ts';
import { resolveSecrets } from '../shared/secrets.ts';

await runProcess(async () => {
  const { environment, secrets } = await resolveSecrets([
    'DATABASE_URL',
    'CLOUDFRONT_PRIVATE_KEY_PEM',
  ]);
  const config = loadApiConfig(environment, secrets);
  const logger = createLogger({ name: 'api', level: config.LOG_LEVEL });
  const { close } = await startApi(config, { logger });
  return { logger, close, shutdownTimeoutSeconds: config.SHUTDOWN_TIMEOUT_SECS };
});
