/** The worker as it runs in production, counting the images that it settles: `... IMAGES`. */
import { startWorker } from '../../src/app/worker.ts';
import { loadWorkerConfig } from '../../src/shared/config.ts';
import { createLogger } from '../../src/shared/logger.ts';
import { measureRound } from './rounds.ts';

const images = Number(process.argv[2]);
const SETTLED = /"to":"(ready|failed)".*"msg":"image\.status_changed"/;

let onSettled: (outcome: string) => void = () => {};
const logger = createLogger({
  name: 'worker',
  level: 'info',
  destination: {
    write(line) {
      const outcome = SETTLED.exec(line)?.[1];
      if (outcome !== undefined) onSettled(outcome);
    },
  },
});

const worker = startWorker(loadWorkerConfig(), { logger });

measureRound(
  () =>
    new Promise((resolve, reject) => {
      let settled = 0;
      onSettled = (outcome) => {
        if (outcome !== 'ready') reject(new Error('an image was refused'));
        settled += 1;
        if (settled === images) resolve();
      };
    }),
  () => worker.close(),
);
