import { startWorker } from '../app/worker.ts';
import { loadWorkerConfig } from '../shared/config.ts';
import { createLogger } from '../shared/logger.ts';
import { runProcess } from '../shared/process.ts';
import { resolveSecrets } from '../shared/secrets.ts';

await runProcess(async () => {
  const { environment, secrets } = await resolveSecrets(['DATABASE_URL']);
  const config = loadWorkerConfig(environment, secrets);
  const logger = createLogger({ name: 'worker', level: config.LOG_LEVEL });
  const { started, close } = startWorker(config, { logger });
  await started;
  return { logger, close, shutdownTimeoutSeconds: config.SHUTDOWN_TIMEOUT_SECS };
});
