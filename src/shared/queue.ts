import { ChangeMessageVisibilityCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { WorkerConfig } from './config.ts';

/** A message as it came from the queue. */
export interface QueueMessage {
  id: string;
  body: string;
  /** How often it was received, this time included. */
  receiveCount: number;
}

export interface Queue {
  readonly client: SQSClient;
  /** Puts a copy of a message into the dead-letter queue, with the reason as an attribute. */
  sendToDeadLetters(message: QueueMessage, reason: string): Promise<void>;
  /** Makes a message visible to other workers at once. */
  giveBack(receiptHandle: string): Promise<void>;
  close(): void;
}

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

    close: () => client.destroy(),
  };
}
