/** The API as it runs in production. Its log goes to standard output, which the bench discards. */
import { startApi } from '../../src/app/api.ts';
import { loadApiConfig } from '../../src/shared/config.ts';
import { createLogger } from '../../src/shared/logger.ts';
import { answerBench } from './under-test.ts';

const config = loadApiConfig();
const logger = createLogger({ name: 'api', level: config.LOG_LEVEL });
const { port, close } = await startApi(config, { logger });
answerBench(port, close);
