import { ConfigError } from './config.ts';
import type { Logger } from './logger.ts';

export interface RunningProcess {
  logger: Logger;
  /** Ends all work in an orderly way, within `shutdownTimeoutSeconds`. */
  close(): Promise<void>;
  shutdownTimeoutSeconds: number;
}

/** What a process gets on top of its own shutdown time before it is ended regardless. */
const GRACE_SECONDS = 3;

/**
 * Runs a process from start to signal. A configuration that is not usable ends it with status 1
 * and one message; SIGTERM and SIGINT close it and end it with status 0, a second one at once.
 */
export async function runProcess(start: () => Promise<RunningProcess>): Promise<void> {
  try {
    const running = await start();
    closeOnSignal(running);
    endOnUnhandledFault(running.logger);
  } catch (error) {
    const text = error instanceof ConfigError ? error.message : String(error);
    process.stderr.write(`${text}\n`);
    process.exit(1);
  }
}

function closeOnSignal({ logger, close, shutdownTimeoutSeconds }: RunningProcess): void {
  let closing = false;

  async function shutDown(signal: NodeJS.Signals): Promise<void> {
    if (closing) process.exit(1);
    closing = true;
    logger.info({ signal }, 'process.stopping');
    const deadline = setTimeout(
      () => {
        logger.error('process.stop_timed_out');
        process.exit(1);
      },
      (shutdownTimeoutSeconds + GRACE_SECONDS) * 1000,
    );
    deadline.unref();
    try {
      await close();
      logger.info('process.stopped');
      process.exit(0);
    } catch (error) {
      logger.error({ err: error }, 'process.stop_failed');
      process.exit(1);
    }
  }

  process.on('SIGTERM', (signal) => void shutDown(signal));
  process.on('SIGINT', (signal) => void shutDown(signal));
}

/** A fault that nobody handled leaves the process in an unknown state: log it and end. */
function endOnUnhandledFault(logger: Logger): void {
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'process.unhandled_fault');
    process.exit(1);
  });
}
