import { makeIngestConsumer } from '../features/ingest/consumer.ts';
import { makeValidateUpload } from '../features/ingest/validate-upload.ts';
import type { WorkerConfig } from '../shared/config.ts';
import { pingDatabase } from '../shared/database.ts';
import { createImageDecoder } from '../shared/image-decoder.ts';
import { createQueue, type QueueMessage } from '../shared/queue.ts';
import { createQueueConsumer } from '../shared/queue-consumer.ts';
import { createDeps, type DepsOptions } from './deps.ts';
import { deliveryAfter } from './errors.ts';

export interface Worker {
  /** Finishes or gives back what is in work, takes nothing new. */
  close(): Promise<void>;
}

/** Starts consuming upload events. While the database or the store are away it waits for them. */
export function startWorker(config: WorkerConfig, options: DepsOptions): Worker {
  const { logger } = options;
  const deps = createDeps(config, options);
  const queue = createQueue(config);
  const consumeIngest = makeIngestConsumer(
    makeValidateUpload({
      ...deps,
      decoder: createImageDecoder(config),
      maxSizeBytes: config.S3_MAX_INGEST_SIZE_BYTES,
    }),
  );

  async function handle(message: QueueMessage): Promise<void> {
    const { id: messageId, receiveCount } = message;
    const messageLogger = logger.child({ messageId, receiveCount });
    try {
      await consumeIngest(message, messageLogger);
    } catch (error) {
      if (deliveryAfter(error) === 'retry') {
        messageLogger.warn({ err: error }, 'message.retried');
        throw error;
      }
      const reason = error instanceof Error ? error.message : String(error);
      await queue.sendToDeadLetters(message, reason);
      messageLogger.warn({ reason }, 'message.dead_lettered');
    }
  }

  const warnIfUnversioned = once(() =>
    logger.warn(UNVERSIONED_WARNING, 'worker.unversioned_bucket'),
  );
  const consumer = createQueueConsumer({
    queue,
    config,
    logger,
    handle,
    async assertReady() {
      const [versioned] = await Promise.all([
        deps.objects.isVersioned(),
        pingDatabase(deps.database),
      ]);
      if (!versioned) warnIfUnversioned();
    },
  });
  consumer.start();
  logger.info('worker.started');

  return {
    async close() {
      await consumer.stop(config.SHUTDOWN_TIMEOUT_SECS);
      queue.close();
      await deps.close();
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
