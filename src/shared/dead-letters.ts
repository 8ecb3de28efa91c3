import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type QueueAttributeName,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
  SQSServiceException,
} from '@aws-sdk/client-sqs';
import type { QueueToolConfig } from './config.ts';
import { attributesToSend, type DeadLetter, toDeadLetter } from './dead-letter.ts';

/** SQS takes or hands out at most ten messages a request. */
export const LARGEST_BATCH = 10;
/** How long a letter that was received or renewed stays hidden from others, in seconds. */
export const HIDDEN_SECS = 30;
/** Any wait makes SQS ask all of its servers ("Amazon SQS short and long polling"). */
const WAIT_SECS = 1;

/** A letter, and what SQS wants to see from whoever received it last. */
export interface ReceivedLetter {
  letter: DeadLetter;
  receiptHandle: string;
}

export interface DeadLetterStatus {
  /** About how many can be received. Null where the caller may not ask. */
  waiting: number | null;
  /** About how many somebody has received and neither deleted nor given back. */
  hidden: number | null;
  /** How often a message is tried before SQS moves it. Null when that is not known. */
  maxReceives: number | null;
}

/** The dead-letter queue of the media queue. Everything rejects with the SDK's errors. */
export interface DeadLetterQueue {
  /** Throws when the two configured queues belong together in another way or not at all. */
  status(): Promise<DeadLetterStatus>;
  /** Takes up to `max` (at most 10) letters, hidden for HIDDEN_SECS; waits a second for any. */
  receive(max: number): Promise<ReceivedLetter[]>;
  /** Hides letters for HIDDEN_SECS from now on. Resolves with the handles that are void by now. */
  renew(receiptHandles: string[]): Promise<Set<string>>;
  /** Lets everybody see letters again. */
  giveBack(receiptHandles: string[]): Promise<void>;
  /** Sends a copy to the source queue. Resolves with the copy's id once SQS has it. */
  sendToSource(letter: DeadLetter): Promise<string>;
  delete(receiptHandle: string): Promise<void>;
  close(): void;
}

export function createDeadLetterQueue(config: QueueToolConfig): DeadLetterQueue {
  const { SQS_MEDIA_QUEUE_URL: sourceUrl, SQS_MEDIA_DLQ_URL: url } = config;
  const client = new SQSClient({
    region: config.AWS_REGION,
    ...(config.AWS_ENDPOINT_URL_SQS && { endpoint: config.AWS_ENDPOINT_URL_SQS }),
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000 },
  });

  async function queueAttributes(QueueUrl: string, AttributeNames: QueueAttributeName[]) {
    try {
      const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames });
      return (await client.send(command)).Attributes ?? {};
    } catch (error) {
      // Good to have, not needed: whoever may receive and send can do the work.
      if (isRefusal(error)) return {};
      throw error;
    }
  }

  /** Resolves with the handles that SQS did not accept. */
  async function setHiddenSecs(receiptHandles: string[], seconds: number): Promise<Set<string>> {
    const refused = new Set<string>();
    if (receiptHandles.length === 0) return refused;
    const entries = receiptHandles.map((ReceiptHandle, index) => ({
      Id: String(index),
      ReceiptHandle,
      VisibilityTimeout: seconds,
    }));
    const { Failed = [] } = await client.send(
      new ChangeMessageVisibilityBatchCommand({ QueueUrl: url, Entries: entries }),
    );
    for (const { Id } of Failed) refused.add(receiptHandles[Number(Id)] ?? '');
    return refused;
  }

  return {
    async status() {
      const [dead, source] = await Promise.all([
        queueAttributes(url, ['All']),
        queueAttributes(sourceUrl, ['QueueArn', 'RedrivePolicy']),
      ]);
      const policy = redrivePolicy(source.RedrivePolicy);
      assertBelongTogether({
        deadArn: dead.QueueArn,
        sourceArn: source.QueueArn,
        targetOfSource: policy.deadLetterTargetArn,
        targetOfDead: redrivePolicy(dead.RedrivePolicy).deadLetterTargetArn,
      });
      return {
        waiting: numberOrNull(dead.ApproximateNumberOfMessages),
        hidden: numberOrNull(dead.ApproximateNumberOfMessagesNotVisible),
        maxReceives: numberOrNull(policy.maxReceiveCount),
      };
    },

    async receive(max) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: url,
          MaxNumberOfMessages: Math.min(max, LARGEST_BATCH),
          VisibilityTimeout: HIDDEN_SECS,
          WaitTimeSeconds: WAIT_SECS,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['All'],
        }),
      );
      return Messages.map((message) => ({
        letter: toDeadLetter(message),
        receiptHandle: message.ReceiptHandle ?? '',
      }));
    },

    renew: (receiptHandles) => setHiddenSecs(receiptHandles, HIDDEN_SECS),

    async giveBack(receiptHandles) {
      await setHiddenSecs(receiptHandles, 0);
    },

    async sendToSource({ body, attributes, systemAttributes }) {
      const trace = systemAttributes.AWSTraceHeader;
      const { MessageId = '' } = await client.send(
        new SendMessageCommand({
          QueueUrl: sourceUrl,
          MessageBody: body,
          MessageAttributes: attributesToSend(attributes),
          ...(trace && {
            MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: trace } },
          }),
        }),
      );
      return MessageId;
    },

    async delete(receiptHandle) {
      await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: receiptHandle }));
    },

    close: () => client.destroy(),
  };
}

function isRefusal(error: unknown): boolean {
  if (!(error instanceof SQSServiceException)) return false;
  return /^AccessDenied/.test(error.name) || error.$metadata.httpStatusCode === 403;
}

interface RedrivePolicy {
  deadLetterTargetArn?: unknown;
  maxReceiveCount?: unknown;
}

function redrivePolicy(text: string | undefined): RedrivePolicy {
  return text ? (JSON.parse(text) as RedrivePolicy) : {};
}

/** Reading the live queue as if it held dead letters would make dead letters of what is in it. */
function assertBelongTogether(arns: {
  deadArn: string | undefined;
  sourceArn: string | undefined;
  targetOfSource: unknown;
  targetOfDead: unknown;
}): void {
  const { deadArn, sourceArn, targetOfSource, targetOfDead } = arns;
  const swapped = targetOfDead !== undefined && targetOfDead === sourceArn;
  const strangers =
    targetOfSource !== undefined && deadArn !== undefined && targetOfSource !== deadArn;
  if (swapped || strangers) {
    throw new Error('SQS_MEDIA_DLQ_URL is not the dead-letter queue of SQS_MEDIA_QUEUE_URL');
  }
}

function numberOrNull(value: unknown): number | null {
  const number = Number(value ?? Number.NaN);
  return Number.isFinite(number) ? number : null;
}
