/** SQS hands out at most ten messages a receive. */
const LARGEST_BATCH = 10;

/** Receives up to `batchSize` messages, and no more until it is done with all of them. */
export interface Poller {
  batchSize: number;
  inWork: number;
  /** Of the worker that it belongs to: when each will have nothing more to do, in seconds. */
  coresFreeAt: number[];
}

/** The pollers of so many workers, as the queue consumer of the service makes them. */
export function createPollers(options: {
  workers: number;
  /** Messages at a time, of a worker. */
  concurrency: number;
  /** Of a worker. */
  cores: number;
}): Poller[] {
  const { workers, concurrency, cores } = options;
  const batches = Array<number>(Math.floor(concurrency / LARGEST_BATCH)).fill(LARGEST_BATCH);
  if (concurrency % LARGEST_BATCH > 0) batches.push(concurrency % LARGEST_BATCH);
  const fleet = Array.from({ length: workers }, () => Array<number>(cores).fill(0));
  // The first poller of each worker before the second of any: few messages spread over all workers.
  return batches.flatMap((batchSize) =>
    fleet.map((coresFreeAt) => ({ batchSize, inWork: 0, coresFreeAt })),
  );
}

/**
 * Takes the core that is free first, as soon as it is free and the message is there. The messages of a
 * worker have to be given in the order in which they are there.
 */
export function takeCore(
  { coresFreeAt }: Poller,
  { readyAt, seconds }: { readyAt: number; seconds: number },
): { from: number; to: number } {
  const first = coresFreeAt.indexOf(Math.min(...coresFreeAt));
  const from = Math.max(readyAt, coresFreeAt[first] ?? 0);
  const to = from + seconds;
  coresFreeAt[first] = to;
  return { from, to };
}
