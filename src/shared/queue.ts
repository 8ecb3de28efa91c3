import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { WorkerConfig } from './config.ts';

/** A message as it came from the queue. */
export interface QueueMessage {
  id: string;
  body: string;
  /** How often it was received, this time included. */
  receiveCount: number;
}

/** Approximate numbers of messages ("GetQueueAttributes", Amazon SQS API Reference). */
export interface QueueDepth {
  /** Waiting to be received. */
  visible: number;
  /** Received by somebody and not deleted yet. */
  inFlight: number;
  /** Sent, but to wait for a while. */
  delayed: number;
}

export interface QueueDepths {
  media: QueueDepth;
  dead_letters: QueueDepth;
}

export interface Queue {
  readonly client: SQSClient;
  /** Puts a copy of a message into the dead-letter queue, with the reason as an attribute. */
  sendToDeadLetters(message: QueueMessage, reason: string): Promise<void>;
  /** Makes a message visible to other workers at once. */
  giveBack(receiptHandle: string): Promise<void>;
  /** Rejects when the queues do not tell, or not in time. Needs `sqs:GetQueueAttributes`. */
  depths(): Promise<QueueDepths>;
  /** Resolves when the media queue answers; rejects when it does not, or not in time. */
  ping(): Promise<void>;
  close(): void;
}

/** Whoever asks how the queue is wants to know soon, in milliseconds. */
const STATE_TIMEOUT_MS = 2_000;

export function createQueue(config: WorkerConfig): Queue {
  const client = new SQSClient({
    region: config.AWS_REGION,
    ...(config.AWS_ENDPOINT_URL_SQS && { endpoint: config.AWS_ENDPOINT_URL_SQS }),
    // The consumer's own backoff paces retries; the SDK's would only hide an outage for longer.
    maxAttempts: 2,
    requestHandler: {
      connectionTimeout: 3_000,
      // A long poll is silent for its whole wait time.
      socketTimeout: (config.SQS_WAIT_TIME_SECS + 10) * 1000,
    },
  });

  async function depthOf(queueUrl: string): Promise<QueueDepth> {
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({
        QueueUrl: queueUrl,
        AttributeNames: [
          'ApproximateNumberOfMessages',
          'ApproximateNumberOfMessagesNotVisible',
          'ApproximateNumberOfMessagesDelayed',
        ],
      }),
      { abortSignal: AbortSignal.timeout(STATE_TIMEOUT_MS) },
    );
    return {
      visible: Number(Attributes?.ApproximateNumberOfMessages ?? 0),
      inFlight: Number(Attributes?.ApproximateNumberOfMessagesNotVisible ?? 0),
      delayed: Number(Attributes?.ApproximateNumberOfMessagesDelayed ?? 0),
    };
  }

  return {
    client,

    async sendToDeadLetters(message, reason) {
      await client.send(
        new SendMessageCommand({
          QueueUrl: config.SQS_MEDIA_DLQ_URL,
          MessageBody: message.body,
          MessageAttributes: {
            Reason: { DataType: 'String', StringValue: reason },
            OriginalMessageId: { DataType: 'String', StringValue: message.id },
          },
        }),
      );
    },

    async giveBack(receiptHandle) {
      await client.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: config.SQS_MEDIA_QUEUE_URL,
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: 0,
        }),
      );
    },

    async depths() {
      const [media, deadLetters] = await Promise.all([
        depthOf(config.SQS_MEDIA_QUEUE_URL),
        depthOf(config.SQS_MEDIA_DLQ_URL),
      ]);
      return { media, dead_letters: deadLetters };
    },

    async ping() {
      await depthOf(config.SQS_MEDIA_QUEUE_URL);
    },

    close: () => client.destroy(),
  };
}
