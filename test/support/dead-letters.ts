import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import {
  DeleteMessageCommand,
  type Message,
  type MessageAttributeValue,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { runDeadLetterCommand } from '../../src/app/dead-letters.ts';
import { startSqs } from '../../src/local/sqs.ts';
import { loadQueueToolConfig } from '../../src/shared/config.ts';
import { withoutProgress } from './command-process.ts';
import { awsCredentials } from './config.ts';
import { type HttpProxy, startHttpProxy } from './http-proxy.ts';

const REGION = 'us-east-1';

export interface CommandResult {
  status: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  /** What is typed at a terminal; without it there is none. */
  typed?: string;
  signal?: AbortSignal;
  /** Instead of the bench's own. */
  environment?: Record<string, string>;
}

/** A queue with its dead-letter queue, a proxy that the command goes through, and the command. */
export interface DeadLetterBench {
  proxy: HttpProxy;
  /** For a process of its own, through the proxy. */
  environment: Record<string, string>;
  run(argv: string[], options?: RunOptions): Promise<CommandResult>;
  /** Sends straight to the dead-letter queue, as the worker does. Resolves with the id. */
  addDeadLetter(body: string, attributes?: Record<string, MessageAttributeValue>): Promise<string>;
  /** Sends to the media queue, and receives in vain until SQS moves it. Resolves with the id. */
  failThreeTimes(body: string): Promise<string>;
  /** Takes out what can be seen at this moment. */
  takeDeadLetters(): Promise<Message[]>;
  takeFromSource(): Promise<Message[]>;
  close(): Promise<void>;
}

export async function openDeadLetterBench(): Promise<DeadLetterBench> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'dead-letters-'));
  const sqs = await startSqs({ dataDir: directory, port: 0, region: REGION });
  const { queueUrl, deadLetterQueueUrl } = await sqs.createQueueWithDeadLetters({
    name: 'media',
    deadLetterName: 'media-dlq',
    visibilityTimeoutSecs: 30,
    maxReceiveCount: 3,
  });
  const proxy = await startHttpProxy(sqs.url);
  const client = new SQSClient({ endpoint: sqs.url, region: REGION, credentials: awsCredentials });
  const environment = {
    AWS_REGION: REGION,
    AWS_ENDPOINT_URL_SQS: proxy.url,
    AWS_ACCESS_KEY_ID: awsCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: awsCredentials.secretAccessKey,
    SQS_MEDIA_QUEUE_URL: queueUrl,
    SQS_MEDIA_DLQ_URL: deadLetterQueueUrl,
  };

  async function send(
    QueueUrl: string,
    MessageBody: string,
    MessageAttributes: Record<string, MessageAttributeValue> = {},
  ): Promise<string> {
    const command = new SendMessageCommand({ QueueUrl, MessageBody, MessageAttributes });
    return (await client.send(command)).MessageId ?? '';
  }

  async function receive(QueueUrl: string, VisibilityTimeout: number): Promise<Message[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl,
      VisibilityTimeout,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
    });
    return (await client.send(command)).Messages ?? [];
  }

  async function takeAll(QueueUrl: string): Promise<Message[]> {
    const all: Message[] = [];
    for (;;) {
      const messages = await receive(QueueUrl, 60);
      if (messages.length === 0) return all;
      for (const { ReceiptHandle } of messages) {
        await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      }
      all.push(...messages);
    }
  }

  return {
    proxy,
    environment,
    run: (argv, options) => run(argv, { environment, ...options }),
    addDeadLetter: (body, attributes) => send(deadLetterQueueUrl, body, attributes),
    async failThreeTimes(body) {
      const id = await send(queueUrl, body);
      for (let receives = 0; receives < 4; receives += 1) await receive(queueUrl, 0);
      return id;
    },
    takeDeadLetters: () => takeAll(deadLetterQueueUrl),
    takeFromSource: () => takeAll(queueUrl),
    async close() {
      client.destroy();
      await proxy.close();
      await sqs.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** The command as `start/dlq.ts` runs it, in this process. */
async function run(
  argv: string[],
  { typed, environment = {}, signal = new AbortController().signal }: RunOptions,
): Promise<CommandResult> {
  const isTTY = typed !== undefined;
  const stdin = Object.assign(new PassThrough(), { isTTY });
  if (isTTY) stdin.end(typed);
  let stdout = '';
  let stderr = '';
  const io = {
    stdin,
    stdout: {
      write(text: string) {
        stdout += text;
      },
    },
    stderr: {
      write(text: string) {
        stderr += text;
      },
    },
    signal,
  };
  const status = await runDeadLetterCommand(argv, io, () => loadQueueToolConfig(environment));
  return { status, stdout, stderr: withoutProgress(stderr) };
}

/** What is in messages, in order. */
export function bodies(messages: { Body?: string | undefined }[]): (string | undefined)[] {
  return messages.map(({ Body }) => Body).sort();
}

/** Adds dead letters with the bodies letter-00, letter-01, ... and resolves with their ids. */
export async function addMany(bench: DeadLetterBench, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (const name of namesTo(count)) ids.push(await bench.addDeadLetter(name));
  return ids;
}

export function nameOf(index: number): string {
  return `letter-${String(index).padStart(2, '0')}`;
}

export function namesTo(count: number): string[] {
  return Array.from({ length: count }, (_, index) => nameOf(index));
}

/** A message attribute. */
export function text(StringValue: string): MessageAttributeValue {
  return { DataType: 'String', StringValue };
}
