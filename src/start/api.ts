import cluster from 'node:cluster';
import { type ApiConfig, loadApiConfig } from '../shared/config.ts';
import { createLogger, type Logger } from '../shared/logger.ts';
import { runProcess } from '../shared/process.ts';
import { resolveSecrets } from '../shared/secrets.ts';

await runProcess(async () => {
  const { environment, secrets } = await resolveSecrets([
    'DATABASE_URL',
    'CLOUDFRONT_PRIVATE_KEY_PEM',
  ]);
  const config = loadApiConfig(environment, secrets);
  const logger = createLogger({ name: 'api', level: config.LOG_LEVEL });
  const running = await start(config, logger);
  return { logger, ...running, shutdownTimeoutSeconds: config.SHUTDOWN_TIMEOUT_SECS };
});

/** Imports only what the process needs: a primary has none of the service in its memory. */
async function start(config: ApiConfig, logger: Logger) {
  if (config.API_PROCESSES === 1) {
    const { startApi } = await import('../app/api.ts');
    const { close } = await startApi(config, { logger });
    const reload = () => logger.warn({ reason: 'API_PROCESSES is 1' }, 'api.reload_refused');
    return { close, reload };
  }
  if (cluster.isPrimary) {
    const { startApiPrimary } = await import('../app/api-primary.ts');
    return startApiPrimary(config, { logger });
  }
  const { startApiMember } = await import('../app/api-member.ts');
  return startApiMember(config, { logger });
}
