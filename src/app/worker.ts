import { makeCheckReadiness } from '../features/health/readiness.ts';
import { makeHealthRoutes } from '../features/health/routes.ts';
import { makeIngestConsumer } from '../features/ingest/consumer.ts';
import { makeValidateUpload } from '../features/ingest/validate-upload.ts';
import type { WorkerConfig } from '../shared/config.ts';
import { pingDatabase } from '../shared/database.ts';
import { createImageDecoder, type ImageDecoder } from '../shared/image-decoder.ts';
import { createQueue, type Queue, type QueueMessage } from '../shared/queue.ts';
import { createQueueConsumer, type QueueConsumer } from '../shared/queue-consumer.ts';
import type { Telemetry } from '../shared/telemetry/telemetry.ts';
import { createDeps, type Deps, type DepsOptions } from './deps.ts';
import { deliveryAfter } from './errors.ts';
import { type MetricsServer, startMetricsServer } from './metrics-server.ts';
import { createWorkerJobs } from './worker-jobs.ts';

export interface Worker {
  /**
   * Resolves when it consumes; rejects when its port cannot be had, which ends the process unless
   * somebody catches it.
   */
  started: Promise<{
    /** Where metrics and health are; null where they are off. */
    httpPort: number | null;
  }>;
  /** Finishes or gives back what is in work, takes nothing new. */
  close(): Promise<void>;
}

/** Starts consuming upload events. While the database or the store are away it waits for them. */
export function startWorker(config: WorkerConfig, options: DepsOptions): Worker {
  const { logger } = options;
  const deps = createDeps(config, options);
  const queue = createQueue(config);
  const validateUpload = makeValidateUpload({
    ...deps,
    decoder: timed(createImageDecoder(config), deps.telemetry),
    maxSizeBytes: config.S3_MAX_INGEST_SIZE_BYTES,
  });
  const consumeIngest = makeIngestConsumer(validateUpload, deps.telemetry);
  const jobs = createWorkerJobs(config, deps, validateUpload);
  const warnIfUnversioned = once(() =>
    logger.warn(UNVERSIONED_WARNING, 'worker.unversioned_bucket'),
  );
  const consumer = createQueueConsumer({
    queue,
    config,
    logger,
    handle: makeHandle(deps, queue, consumeIngest),
    async assertReady() {
      const [versioned] = await Promise.all([
        deps.objects.isVersioned(),
        pingDatabase(deps.database),
      ]);
      if (!versioned) warnIfUnversioned();
    },
    onReceived: (ageSeconds) => queueMetrics.messageReceived(ageSeconds),
  });
  const queueMetrics = deps.telemetry.watchQueue({
    depths: () => queue.depths(),
    inWork: () => consumer.inWork(),
    logger,
  });

  let closing = false;
  let server: MetricsServer | null = null;

  async function start(): Promise<{ httpPort: number | null }> {
    server = await serveHealth(config, deps, queue, consumer);
    if (!closing) {
      consumer.start();
      jobs?.start();
      logger.info('worker.started');
    }
    return { httpPort: server?.port ?? null };
  }
  const started = start();

  return {
    started,
    async close() {
      closing = true;
      await started.catch(() => {});
      const timeoutSeconds = config.SHUTDOWN_TIMEOUT_SECS;
      await Promise.all([consumer.stop(timeoutSeconds), jobs?.stop(timeoutSeconds)]);
      await server?.close();
      queue.close();
      await deps.close();
    },
  };
}

/** Metrics and health on a port of the worker's own, if it has one. */
async function serveHealth(
  { WORKER_HTTP_PORT: port, HOST: host }: WorkerConfig,
  { objects, database, telemetry, logger }: Deps,
  queue: Queue,
  consumer: QueueConsumer,
): Promise<MetricsServer | null> {
  if (port === undefined) return null;
  const checkReadiness = makeCheckReadiness({
    database: () => pingDatabase(database),
    'object store': async () => {
      await objects.isVersioned();
    },
    queue: () => queue.ping(),
  });
  const health = makeHealthRoutes(checkReadiness, () => consumer.isAlive());
  return startMetricsServer({
    variable: 'WORKER_HTTP_PORT',
    host,
    port,
    telemetry,
    logger,
    health,
  });
}

type ConsumeMessage = ReturnType<typeof makeIngestConsumer>;

/** What fails is tried again, or is a dead letter at once when no number of tries would help. */
function makeHandle(
  { logger, telemetry }: Deps,
  queue: Queue,
  consume: ConsumeMessage,
): (message: QueueMessage) => Promise<void> {
  return async (message) => {
    const { id: messageId, receiveCount } = message;
    try {
      await consume(message, logger.child({ messageId, receiveCount }));
    } catch (error) {
      if (deliveryAfter(error) === 'retry') {
        telemetry.emit('message.retried', { messageId, receiveCount, err: error }, logger);
        throw error;
      }
      const reason = error instanceof Error ? error.message : String(error);
      await queue.sendToDeadLetters(message, reason);
      telemetry.emit('message.dead_lettered', { messageId, receiveCount, reason }, logger);
    }
  };
}

function timed(decoder: ImageDecoder, telemetry: Telemetry): ImageDecoder {
  return {
    async decode(bytes, contentType) {
      const startedAt = performance.now();
      try {
        return await decoder.decode(bytes, contentType);
      } finally {
        telemetry.imageDecoded(contentType, (performance.now() - startedAt) / 1000);
      }
    },
  };
}

const UNVERSIONED_WARNING = {
  consequence: 'an upload URL that is used again before it expires can replace a served picture',
  remedy: 'enable versioning on S3_INPUT_BUCKET',
};

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (!done) action();
    done = true;
  };
}
