import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';

export interface MediaQueue {
  /** Resolves with the message's id. */
  send(body: string): Promise<string>;
  /** How many messages wait, and how many are being handled. */
  depth(): Promise<{ waiting: number; inFlight: number }>;
  /** Takes what there is and leaves it invisible for `visibilitySecs`; waits for it if told. */
  receive(options?: { waitSecs?: number; visibilitySecs?: number }): Promise<Message[]>;
  /** Takes every dead letter so far out of the dead-letter queue. */
  takeDeadLetters(): Promise<Message[]>;
  close(): void;
}

export interface QueueUrls {
  url: string;
  queueUrl: string;
  deadLetterQueueUrl: string;
}

/** A client of the queue for tests; it goes past any proxy. */
export function connectQueue(
  { url, queueUrl, deadLetterQueueUrl }: QueueUrls,
  credentials: { accessKeyId: string; secretAccessKey: string },
): MediaQueue {
  const client = new SQSClient({ endpoint: url, region: 'us-east-1', credentials });

  async function receiveFrom(
    url: string,
    { waitSecs = 0, visibilitySecs = 60 }: { waitSecs?: number; visibilitySecs?: number },
  ): Promise<Message[]> {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: url,
        MaxNumberOfMessages: 10,
        WaitTimeSeconds: waitSecs,
        VisibilityTimeout: visibilitySecs,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      }),
    );
    return Messages;
  }

  return {
    async send(body) {
      const { MessageId = '' } = await client.send(
        new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }),
      );
      return MessageId;
    },

    async depth() {
      const { Attributes } = await client.send(
        new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['All'] }),
      );
      return {
        waiting: Number(Attributes?.ApproximateNumberOfMessages),
        inFlight: Number(Attributes?.ApproximateNumberOfMessagesNotVisible),
      };
    },

    receive: (options = {}) => receiveFrom(queueUrl, options),

    async takeDeadLetters() {
      const all: Message[] = [];
      for (;;) {
        const batch = await receiveFrom(deadLetterQueueUrl, {});
        if (batch.length === 0) return all;
        for (const { ReceiptHandle } of batch) {
          await client.send(
            new DeleteMessageCommand({ QueueUrl: deadLetterQueueUrl, ReceiptHandle }),
          );
        }
        all.push(...batch);
      }
    },

    close: () => client.destroy(),
  };
}
