import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';

/** What the worker adds where it gives a message up at once (`queue.ts`). */
const REASON = 'Reason';
const ORIGINAL_MESSAGE_ID = 'OriginalMessageId';

export interface LetterAttribute {
  dataType: string;
  value: string | Uint8Array;
}

/** A message in the dead-letter queue. */
export interface DeadLetter {
  id: string;
  /** When it was sent. SQS keeps the time of the first sending when it moves a message. */
  sentAt: Date | null;
  /** Of all its life; reading a dead letter is a receive, too. */
  receiveCount: number;
  /** Why the worker gave it up at once; null where SQS moved it after too many receives. */
  reason: string | null;
  /** The `messageId` under which the worker has logged it. */
  logMessageId: string;
  body: string;
  attributes: Record<string, LetterAttribute>;
  /** As SQS has them; times in milliseconds since 1970. */
  systemAttributes: Record<string, string>;
}

/** A message as SQS hands it out. */
export function toDeadLetter(message: Message): DeadLetter {
  const { MessageId: id = '', MessageAttributes = {}, Attributes = {} } = message;
  return {
    id,
    sentAt: Attributes.SentTimestamp ? new Date(Number(Attributes.SentTimestamp)) : null,
    receiveCount: Number(Attributes.ApproximateReceiveCount ?? 0),
    reason: MessageAttributes[REASON]?.StringValue ?? null,
    logMessageId: MessageAttributes[ORIGINAL_MESSAGE_ID]?.StringValue ?? id,
    body: message.Body ?? '',
    attributes: Object.fromEntries(
      Object.entries(MessageAttributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
        name,
        { dataType: DataType ?? 'String', value: BinaryValue ?? StringValue ?? '' },
      ]),
    ),
    systemAttributes: { ...Attributes },
  };
}

/**
 * All of them but the worker's verdict: should the message fail again, and SQS move it, the verdict
 * would tell a reason that is not the reason any more.
 */
export function attributesToSend(
  attributes: DeadLetter['attributes'],
): Record<string, MessageAttributeValue> {
  return Object.fromEntries(
    Object.entries(attributes)
      .filter(([name]) => name !== REASON && name !== ORIGINAL_MESSAGE_ID)
      .map(([name, { dataType: DataType, value }]) => [
        name,
        typeof value === 'string'
          ? { DataType, StringValue: value }
          : { DataType, BinaryValue: value },
      ]),
  );
}
