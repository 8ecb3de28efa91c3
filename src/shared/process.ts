import { ConfigError } from './config.ts';
import type { Logger } from './logger.ts';

export interface RunningProcess {
  logger: Logger;
  /** Ends all work in an orderly way, within `shutdownTimeoutSeconds`. */
  close(): Promise<void>;
  shutdownTimeoutSeconds: number;
  /** Resolves when something else than a signal wants the process to end. */
  askedToStop?: Promise<unknown>;
  /** What SIGHUP does; without it, Node.js ends the process at once. */
  reload?: () => void;
}

/** A start that failed, and somebody else has said already why. */
export class AlreadyTold extends Error {
  override readonly name = 'AlreadyTold';
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
    if (!(error instanceof AlreadyTold)) {
      const text = error instanceof ConfigError ? error.message : String(error);
      process.stderr.write(`${text}\n`);
    }
    process.exit(1);
  }
}

function closeOnSignal(running: RunningProcess): void {
  const { logger, close, shutdownTimeoutSeconds, askedToStop, reload } = running;
  let closing = false;

  async function shutDown(signal: NodeJS.Signals | null): Promise<void> {
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

  function onSignal(signal: NodeJS.Signals): void {
    if (closing) process.exit(1);
    void shutDown(signal);
  }

  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  if (reload) process.on('SIGHUP', reload);
  // A signal to the whole process group may have been faster, and is no reason to end at once.
  void askedToStop?.then(() => (closing ? undefined : shutDown(null)));
}

/** A fault that nobody handled leaves the process in an unknown state: log it and end. */
function endOnUnhandledFault(logger: Logger): void {
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'process.unhandled_fault');
    process.exit(1);
  });
}
