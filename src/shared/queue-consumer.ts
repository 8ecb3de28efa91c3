import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from '@aws-sdk/client-sqs';
import { Consumer } from 'sqs-consumer';
import { createBackoff } from './backoff.ts';
import type { WorkerConfig } from './config.ts';
import { createDependencyGate, type DependencyGate } from './dependency-gate.ts';
import type { Logger } from './logger.ts';
import type { Queue, QueueMessage } from './queue.ts';
import { createSignsOfLife } from './signs-of-life.ts';

/** SQS hands out at most ten messages a receive. */
const LARGEST_BATCH = 10;
/** How soon a message comes back after its first and second failure, in seconds. */
const RETRY_DELAYS_SECS = [5, 30];
/**
 * How long a poller may go without a step before it counts as dead, in milliseconds. Without work,
 * a step is a long poll (20 s at most), a pause or a question to a dependency, with their timeouts.
 */
const IDLE_LIMIT_MS = 120_000;
/** With work, a step is a message received or done with. */
const BUSY_LIMIT_MS = 600_000;

export interface QueueConsumerOptions {
  queue: Queue;
  config: WorkerConfig;
  logger: Logger;
  /** Resolving acknowledges the message; throwing leaves it in the queue for another try. */
  handle(message: QueueMessage): Promise<void>;
  /** Throws while something that `handle` needs is away; asked before receiving, when in doubt. */
  assertReady(): Promise<void>;
  /** Told of each message, how long after it was sent it was received, in seconds. */
  onReceived(ageSeconds: number): void;
}

export interface QueueConsumer {
  start(): void;
  /** Receives nothing more, lets running work finish, gives back what does not in time. */
  stop(timeoutSeconds: number): Promise<void>;
  /** How many messages are in work at this moment. */
  inWork(): number;
  /** Whether every poller is polling, waiting for a dependency, or working; or told to stop. */
  isAlive(): boolean;
}

/** Consumes the media queue with up to WORKER_CONCURRENCY messages at a time. */
export function createQueueConsumer(options: QueueConsumerOptions): QueueConsumer {
  const { queue, config, logger } = options;
  const stopping = new AbortController();
  const inWork = new Map<string, Message>();
  const gate = createDependencyGate(assertReady, logger, stopping.signal);
  const pollers = batchSizes(config.WORKER_CONCURRENCY).map((batchSize) =>
    createPoller(options, { batchSize, inWork, gate, stopping: stopping.signal }),
  );

  /** Asking again and again while something is away is life, too. */
  async function assertReady(): Promise<void> {
    for (const poller of pollers) poller.life.step();
    await options.assertReady();
  }

  return {
    start() {
      for (const poller of pollers) poller.start();
    },

    inWork: () => inWork.size,

    isAlive: () => stopping.signal.aborted || pollers.every((poller) => poller.isAlive()),

    async stop(timeoutSeconds) {
      stopping.abort();
      const finished = Promise.all(pollers.map((poller) => poller.stop()));
      const timer = new AbortController();
      const timeout = sleep(timeoutSeconds * 1000, undefined, { signal: timer.signal });
      await Promise.race([finished, timeout.catch(() => {})]);
      timer.abort();
      for (const [id, { ReceiptHandle }] of inWork) {
        logger.warn({ messageId: id }, 'message.given_back');
        // Failing is no loss: the message comes back by itself after its visibility timeout.
        if (ReceiptHandle) await queue.giveBack(ReceiptHandle).catch(() => {});
      }
    },
  };
}

/** One consumer receives up to ten messages and waits for the slowest; more run side by side. */
function batchSizes(concurrency: number): number[] {
  const full = Array<number>(Math.floor(concurrency / LARGEST_BATCH)).fill(LARGEST_BATCH);
  const rest = concurrency % LARGEST_BATCH;
  return rest === 0 ? full : [...full, rest];
}

interface PollerOptions {
  batchSize: number;
  /** Messages whose handler runs now, of all pollers, by message id. */
  inWork: Map<string, Message>;
  gate: DependencyGate;
  stopping: AbortSignal;
}

function createPoller(
  { queue, config, logger, handle, onReceived }: QueueConsumerOptions,
  { batchSize, inWork, gate, stopping }: PollerOptions,
) {
  const backoff = createBackoff(stopping);
  const life = createSignsOfLife();
  /** From the first message of a batch until the last one is acknowledged or given up. */
  let busy = false;

  const consumer = Consumer.create({
    queueUrl: config.SQS_MEDIA_QUEUE_URL,
    sqs: queue.client,
    batchSize,
    waitTimeSeconds: config.SQS_WAIT_TIME_SECS,
    visibilityTimeout: config.SQS_VISIBILITY_TIMEOUT_SECS,
    heartbeatInterval: Math.floor(config.SQS_VISIBILITY_TIMEOUT_SECS / 2),
    messageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
    terminateVisibilityTimeout: ([message]) => retryDelay(message),
    strictReturn: true,

    async preReceiveMessageCallback() {
      life.step();
      await backoff.wait();
      await gate.pass();
      life.step();
      // Rejecting is how a receive that must not happen any more is called off.
      stopping.throwIfAborted();
    },

    async handleMessage(message) {
      const id = message.MessageId ?? '';
      inWork.set(id, message);
      try {
        await handle({ id, body: message.Body ?? '', receiveCount: receiveCount(message) });
        return message;
      } finally {
        inWork.delete(id);
        life.step();
      }
    },
  });

  consumer.on('message_received', (message) => {
    busy = true;
    life.step();
    onReceived(ageSeconds(message));
  });
  consumer.on('response_processed', () => {
    busy = false;
    life.step();
    backoff.succeeded();
  });
  consumer.on('empty', () => backoff.succeeded());
  consumer.on('processing_error', () => gate.doubt());
  consumer.on('error', (error) => {
    if (stopping.aborted) return;
    backoff.failed();
    logger.warn({ err: error, failures: backoff.failures }, 'queue.unavailable');
  });

  return {
    life,

    start: () => consumer.start(),

    isAlive: () => consumer.status.isRunning && life.within(busy ? BUSY_LIMIT_MS : IDLE_LIMIT_MS),

    stop(): Promise<void> {
      if (!busy) {
        // Idle in a long poll: end it. Never while busy, since that would end deletes as well.
        consumer.stop({ abort: true });
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        consumer.once('response_processed', () => resolve());
        consumer.stop();
      });
    },
  };
}

function receiveCount(message: Message): number {
  return Number(message.Attributes?.ApproximateReceiveCount ?? 1);
}

/** By this machine's clock, which may be a little ahead of the queue's or behind it. */
function ageSeconds(message: Message): number {
  const sentAt = Number(message.Attributes?.SentTimestamp ?? Date.now());
  return Math.max(0, (Date.now() - sentAt) / 1000);
}

function retryDelay(message: Message | undefined): number {
  return (message && RETRY_DELAYS_SECS[receiveCount(message) - 1]) ?? 0;
}
