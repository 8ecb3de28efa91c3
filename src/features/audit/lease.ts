import type { Logger } from '../../shared/logger.ts';

export interface KeptLease {
  /** Aborted when the job was cancelled, or may be somebody else's by now. */
  stopped: AbortSignal;
  end(): void;
}

export interface LeaseOptions {
  keep(): Promise<'kept' | 'cancelled' | 'lost'>;
  checkSeconds: number;
  leaseSeconds: number;
  logger: Logger;
}

/** Prolongs a lease until told to end. While the database is away it holds as long as it was given. */
export function keepLease({ keep, checkSeconds, leaseSeconds, logger }: LeaseOptions): KeptLease {
  const stopping = new AbortController();
  let keptAt = performance.now();
  let isBusy = false;

  async function check(): Promise<void> {
    if (isBusy || stopping.signal.aborted) return;
    isBusy = true;
    const askedAt = performance.now();
    try {
      const state = await keep();
      keptAt = askedAt;
      if (state !== 'kept') stopping.abort();
    } catch (error) {
      logger.warn({ err: error }, 'audit.lease_not_kept');
    } finally {
      isBusy = false;
    }
  }

  const timer = setInterval(() => {
    if (performance.now() - keptAt > leaseSeconds * 1000) stopping.abort();
    void check();
  }, checkSeconds * 1000);
  return { stopped: stopping.signal, end: () => clearInterval(timer) };
}
