import { type Backoff, createBackoff } from '../backoff.ts';
import type { Logger } from '../logger.ts';
import { type ClusterProcess, type Ending, forkProcess } from './cluster-process.ts';

/** A process that was ready for this long was healthy: its end starts the backoff anew. */
const HEALTHY_MS = 10_000;

export interface SupervisorOptions {
  /** How many processes share the work. */
  count: number;
  /** How long one may take to stop before it is killed, in milliseconds. */
  stopTimeoutMs: number;
  logger: Logger;
  /** Told of each process that has ended, `died` when nobody had asked it to. */
  onEnded(process: ClusterProcess, died: boolean): void;
}

export interface Supervisor {
  /** All that run, those that start or stop included. */
  processes(): ClusterProcess[];
  /**
   * Replaces the processes one after the other, each only when its successor is ready. One that does
   * not become ready ends it: the rest stay as they are. Asked for while it runs, it runs once more.
   */
  reload(): void;
  /** Stops all of them at once. */
  close(): Promise<void>;
}

interface Slot {
  number: number;
  current: ClusterProcess;
  backoff: Backoff;
}

/**
 * Starts the processes and starts again whichever dies. The first goes ahead: when it cannot start,
 * none can, and the promise rejects with its ProcessEnded. Resolves when it is ready; the others follow.
 */
export async function startSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const { count, stopTimeoutMs, logger, onEnded } = options;
  const running = new Set<ClusterProcess>();
  const closing = new AbortController();
  let isReloading = false;
  let reloadAgain = false;

  function start(slot: number, isReplacement: boolean): ClusterProcess {
    const process = forkProcess({ slot, isReplacement, stopTimeoutMs, logger });
    running.add(process);
    const { pid } = process;
    logger.info({ slot, processId: pid }, 'api.process_starting');
    void process.ready.then(
      () => logger.info({ slot, processId: pid }, 'api.process_ready'),
      () => {},
    );
    void process.ended.then((ending) => tellEnd(process, ending));
    return process;
  }

  function tellEnd(process: ClusterProcess, ending: Ending): void {
    const died = !process.mayEnd() && !closing.signal.aborted;
    running.delete(process);
    onEnded(process, died);
    const fields = { slot: process.slot, processId: process.pid, ending };
    if (died) logger.error(fields, 'api.process_died');
    else logger.info(fields, 'api.process_ended');
  }

  async function keepRunning(slot: Slot): Promise<void> {
    while (!closing.signal.aborted) {
      const watched = slot.current;
      await watched.ended;
      const readyAt = watched.readyAt();
      const wasHealthy = readyAt !== undefined && performance.now() - readyAt > HEALTHY_MS;
      // Stopped because another has taken its place: watch that one.
      if (slot.current !== watched) continue;
      if (wasHealthy) slot.backoff.succeeded();
      else slot.backoff.failed();
      await slot.backoff.wait();
      if (closing.signal.aborted || slot.current !== watched) continue;
      slot.current = start(slot.number, false);
    }
  }

  async function reloadAll(): Promise<void> {
    logger.info('api.reloading');
    for (const slot of slots) {
      if (closing.signal.aborted) return;
      const next = start(slot.number, true);
      try {
        await next.ready;
      } catch (error) {
        if (closing.signal.aborted) return;
        logger.error({ err: error, slot: slot.number }, 'api.reload_failed');
        return;
      }
      // Whichever it is by now: it may have died meanwhile, and be started again.
      const previous = slot.current;
      slot.current = next;
      await previous.stop(true);
    }
    logger.info('api.reloaded');
  }

  const first = start(1, false);
  await first.ready;
  const slots = Array.from({ length: count }, (_, index): Slot => {
    const number = index + 1;
    const current = index === 0 ? first : start(number, false);
    return { number, current, backoff: createBackoff(closing.signal) };
  });
  for (const slot of slots) void keepRunning(slot);

  async function reload(): Promise<void> {
    reloadAgain = true;
    if (isReloading) return;
    isReloading = true;
    while (reloadAgain && !closing.signal.aborted) {
      reloadAgain = false;
      await reloadAll();
    }
    isReloading = false;
  }

  return {
    processes: () => [...running],
    reload: () => void reload(),
    async close() {
      closing.abort();
      await Promise.all([...running].map((process) => process.stop(false)));
    },
  };
}
