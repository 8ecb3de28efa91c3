import { type ChildProcess, spawn } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type LocalSqs, startSqs } from '../../src/local/sqs.ts';

const REGION = 'eu-central-1';
const PAIR = {
  name: 'media',
  deadLetterName: 'media-dlq',
  visibilityTimeoutSecs: 30,
  maxReceiveCount: 3,
};

let dataDir: string;
let running: LocalSqs[];
let clients: SQSClient[];
let children: ChildProcess[];

beforeEach(async () => {
  dataDir = await mkdtemp(path.join(os.tmpdir(), 'local-sqs-'));
  running = [];
  clients = [];
  children = [];
});

afterEach(async () => {
  for (const client of clients) client.destroy();
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  await Promise.all(running.map((sqs) => sqs.close()));
  await rm(dataDir, { recursive: true });
});

async function start(region = REGION): Promise<LocalSqs> {
  const sqs = await startSqs({ dataDir, port: 0, region });
  running.push(sqs);
  return sqs;
}

function clientOf(endpoint: string): SQSClient {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new SQSClient({ endpoint, region: REGION, credentials });
  clients.push(client);
  return client;
}

/** Takes at most ten messages; `options` may shorten or lengthen things. */
async function receive(
  client: SQSClient,
  queueUrl: string,
  options: { wait?: number; visibility?: number; signal?: AbortSignal } = {},
): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: 10,
    WaitTimeSeconds: options.wait ?? 0,
    ...(options.visibility === undefined ? {} : { VisibilityTimeout: options.visibility }),
    MessageSystemAttributeNames: ['ApproximateReceiveCount'],
  });
  const { Messages } = await client.send(
    command,
    options.signal ? { abortSignal: options.signal } : {},
  );
  return Messages ?? [];
}

function bodies(messages: Message[]): (string | undefined)[] {
  return messages.map((message) => message.Body);
}

/** Resolves when a server of this process has received `count` more requests. */
function longPollsReached(count: number): Promise<void> {
  let left = count;
  return new Promise((resolve) => {
    const onRequest = (event: unknown) => {
      const { request } = event as { request: IncomingMessage };
      request.once('end', () => {
        left -= 1;
        if (left > 0) return;
        unsubscribe('http.server.request.start', onRequest);
        // What the server does with the body, up to waiting, it does before the next turn.
        setImmediate(resolve);
      });
    };
    subscribe('http.server.request.start', onRequest);
  });
}

test('sends, receives and deletes', async () => {
  const sqs = await start();
  const { queueUrl } = await sqs.createQueueWithDeadLetters(PAIR);
  const client = clientOf(sqs.url);
  await sqs.send(queueUrl, '{"from":"us"}');
  await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'from a client' }));
  const messages = await receive(client, queueUrl);
  expect(bodies(messages)).toEqual(['{"from":"us"}', 'from a client']);
  for (const { ReceiptHandle } of messages) {
    await client.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
  }
  expect(await receive(client, queueUrl)).toEqual([]);
  await expect(sqs.send(`${sqs.url}/000000000000/nowhere`, 'x')).rejects.toThrow(
    /SendMessage failed/,
  );
});

test('creates the pair with its settings; again with others, keeping the messages', async () => {
  const sqs = await start();
  const first = await sqs.createQueueWithDeadLetters(PAIR);
  expect(first).toEqual({
    queueUrl: `${sqs.url}/000000000000/media`,
    deadLetterQueueUrl: `${sqs.url}/000000000000/media-dlq`,
  });
  await sqs.send(first.queueUrl, 'kept');
  const second = await sqs.createQueueWithDeadLetters({ ...PAIR, visibilityTimeoutSecs: 60 });
  expect(second).toEqual(first);
  const client = clientOf(sqs.url);
  const { Attributes } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl: first.queueUrl, AttributeNames: ['All'] }),
  );
  expect(Attributes).toMatchObject({
    VisibilityTimeout: '60',
    RedrivePolicy: JSON.stringify({
      deadLetterTargetArn: `arn:aws:sqs:${REGION}:000000000000:media-dlq`,
      maxReceiveCount: 3,
    }),
  });
  expect(bodies(await receive(client, first.queueUrl))).toEqual(['kept']);
});

test('a message goes to the dead letters after three receives', async () => {
  const sqs = await start();
  const { queueUrl, deadLetterQueueUrl } = await sqs.createQueueWithDeadLetters(PAIR);
  const client = clientOf(sqs.url);
  await sqs.send(queueUrl, 'poison');
  for (const count of ['1', '2', '3']) {
    const [message] = await receive(client, queueUrl, { visibility: 0 });
    expect(message?.Attributes?.ApproximateReceiveCount).toBe(count);
  }
  expect(await receive(client, deadLetterQueueUrl)).toEqual([]);
  expect(await receive(client, queueUrl)).toEqual([]);
  expect(bodies(await receive(client, deadLetterQueueUrl))).toEqual(['poison']);
});

test('an aborted long poll does not swallow the next message', async () => {
  const sqs = await start();
  const { queueUrl, deadLetterQueueUrl } = await sqs.createQueueWithDeadLetters(PAIR);
  const client = clientOf(sqs.url);
  // Several rounds of the event loop, in which a poll that still waited would take the message.
  const othersHadTime = async () => {
    for (let round = 0; round < 5; round += 1) await receive(client, deadLetterQueueUrl);
  };
  // A worker killed with -9: its connection is reset.
  const connected = longPollsReached(1);
  const socket = connect(sqs.port, '127.0.0.1');
  const payload = JSON.stringify({ QueueUrl: queueUrl, WaitTimeSeconds: 20 });
  socket.end(
    [
      'POST / HTTP/1.1',
      `Host: 127.0.0.1:${sqs.port}`,
      'Content-Type: application/x-amz-json-1.0',
      'X-Amz-Target: AmazonSQS.ReceiveMessage',
      `Content-Length: ${payload.length}`,
      '',
      payload,
    ].join('\r\n'),
  );
  await connected;
  socket.resetAndDestroy();
  await once(socket, 'close');
  // The server has learnt of it once it answers a request made afterwards.
  await receive(client, queueUrl);
  await sqs.send(queueUrl, 'not lost');
  await othersHadTime();
  expect(bodies(await receive(client, queueUrl))).toEqual(['not lost']);

  // A worker stopping: the SDK aborts.
  const stopping = new AbortController();
  const reached = longPollsReached(1);
  const poll = receive(clientOf(sqs.url), queueUrl, { wait: 20, signal: stopping.signal });
  await reached;
  stopping.abort();
  await expect(poll).rejects.toThrow(/abort/i);
  await receive(client, queueUrl);
  await sqs.send(queueUrl, 'not lost either');
  await othersHadTime();
  expect(bodies(await receive(client, queueUrl))).toEqual(['not lost either']);
});

test('of several long polls one gets the message, and the others wait on', async () => {
  const sqs = await start();
  const { queueUrl } = await sqs.createQueueWithDeadLetters(PAIR);
  const reached = longPollsReached(2);
  const polls = [1, 2].map(() => receive(clientOf(sqs.url), queueUrl, { wait: 20 }));
  await reached;
  await sqs.send(queueUrl, 'first');
  const winner = await Promise.race(polls.map(async (poll, index) => ({ index, got: await poll })));
  expect(bodies(winner.got)).toEqual(['first']);
  await sqs.send(queueUrl, 'second');
  expect(bodies((await polls[1 - winner.index]) ?? [])).toEqual(['second']);
});

test('a long poll gets a message whose visibility timeout passes meanwhile', async () => {
  const sqs = await start();
  const { queueUrl } = await sqs.createQueueWithDeadLetters(PAIR);
  const client = clientOf(sqs.url);
  await sqs.send(queueUrl, 'again');
  // Long enough for a slow machine to look twice meanwhile.
  await receive(client, queueUrl, { visibility: 5 });
  expect(await receive(client, queueUrl)).toEqual([]);
  expect(bodies(await receive(client, queueUrl, { wait: 20 }))).toEqual(['again']);
});

test('a long poll of an empty queue ends empty', async () => {
  const sqs = await start();
  const { queueUrl } = await sqs.createQueueWithDeadLetters(PAIR);
  expect(await receive(clientOf(sqs.url), queueUrl, { wait: 1 })).toEqual([]);
});

test('a visibility timeout set to 0 gives the message back at once, and counts on', async () => {
  const sqs = await start();
  const { queueUrl, deadLetterQueueUrl } = await sqs.createQueueWithDeadLetters(PAIR);
  const client = clientOf(sqs.url);
  await sqs.send(queueUrl, 'returned');
  const [first] = await receive(client, queueUrl);
  const handle = first?.ReceiptHandle;
  const giveBack = { QueueUrl: queueUrl, ReceiptHandle: handle, VisibilityTimeout: 0 };
  await client.send(new ChangeMessageVisibilityCommand(giveBack));
  const [second] = await receive(client, queueUrl);
  expect(second?.Attributes?.ApproximateReceiveCount).toBe('2');
  const entry = { Id: 'a', ReceiptHandle: second?.ReceiptHandle, VisibilityTimeout: 0 };
  const batch = new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries: [entry] });
  expect((await client.send(batch)).Failed ?? []).toEqual([]);
  expect(bodies(await receive(client, queueUrl, { visibility: 0 }))).toEqual(['returned']);
  expect(await receive(client, queueUrl)).toEqual([]);
  expect(bodies(await receive(client, deadLetterQueueUrl))).toEqual(['returned']);
});

test('after kill -9, messages are there, those in flight come back, and old URLs work', async () => {
  const script = path.resolve(import.meta.dirname, '../support/start-sqs.ts');
  const child = spawn(process.execPath, [script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [output] = await once(child.stdout, 'data');
  const oldUrl = String(output);
  const before = clientOf(new URL(oldUrl).origin);
  const send = (MessageBody: string) =>
    before.send(new SendMessageCommand({ QueueUrl: oldUrl, MessageBody }));
  await send('in flight for long');
  await receive(before, oldUrl, { visibility: 600 });
  await send('in flight');
  await receive(before, oldUrl, { visibility: 1 });
  await send('waiting');
  child.kill('SIGKILL');
  await once(child, 'exit');

  const sqs = await start();
  const after = clientOf(sqs.url);
  const { QueueUrl } = await after.send(new GetQueueUrlCommand({ QueueName: 'media' }));
  expect(QueueUrl).toBe(`${sqs.url}/000000000000/media`);
  expect(QueueUrl).not.toBe(oldUrl);
  const got: Message[] = [];
  while (got.length < 2) got.push(...(await receive(after, oldUrl, { wait: 20 })));
  const counts = got.map(({ Body, Attributes }) => [Body, Attributes?.ApproximateReceiveCount]);
  expect(counts.sort()).toEqual([
    ['in flight', '2'],
    ['waiting', '1'],
  ]);
  const { Attributes } = await after.send(
    new GetQueueAttributesCommand({ QueueUrl: oldUrl, AttributeNames: ['All'] }),
  );
  expect(Attributes).toMatchObject({
    ApproximateNumberOfMessages: '0',
    ApproximateNumberOfMessagesNotVisible: '3',
    VisibilityTimeout: '30',
  });
});

test('another region at the next start loses no messages', async () => {
  const first = await start();
  await first.send((await first.createQueueWithDeadLetters(PAIR)).queueUrl, 'kept');
  await first.close();
  const second = await start('us-east-1');
  const { queueUrl } = await second.createQueueWithDeadLetters(PAIR);
  expect(bodies(await receive(clientOf(second.url), queueUrl))).toEqual(['kept']);
});

test('does not listen elsewhere than on loopback', async () => {
  await expect(startSqs({ dataDir, port: 0, region: REGION, host: '0.0.0.0' })).rejects.toThrow(
    /loopback only/,
  );
});

test('a taken port is an error, and leaves nothing open', async () => {
  const sqs = await start();
  await expect(startSqs({ dataDir, port: sqs.port, region: REGION })).rejects.toThrow('EADDRINUSE');
});

test('is a queue and nothing else', async () => {
  const sqs = await start();
  const json = { 'content-type': 'application/x-amz-json-1.0' };
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const list = { 'x-amz-target': 'AmazonSQS.ListQueues' };
  const status = async (route: string, init: RequestInit) =>
    (await fetch(`${sqs.url}${route}`, init)).status;
  expect(await status('/', { method: 'POST', headers: { ...json, ...list }, body: '{}' })).toBe(
    200,
  );
  expect(await status('/', { method: 'GET' })).toBe(404);
  expect(await status('/health', { method: 'GET' })).toBe(404);
  expect(await status('/_fauxqs/queues', { method: 'GET' })).toBe(404);
  expect(await status('/bucket', { method: 'PUT' })).toBe(404);
  expect(await status('/bucket/key', { method: 'PUT', body: 'x' })).toBe(404);
  expect(await status('/', { method: 'POST', headers: form, body: 'Action=ListTopics' })).toBe(404);
  expect(
    await status('/', { method: 'POST', headers: { ...form, ...list }, body: 'Action=ListTopics' }),
  ).toBe(404);
  expect(await status('/', { method: 'POST', headers: { ...json, ...list }, body: 'null' })).toBe(
    400,
  );
  expect(await status('/', { method: 'POST', headers: { ...json, ...list }, body: '{' })).not.toBe(
    200,
  );
});

test('closing ends open long polls', async () => {
  const sqs = await start();
  const { queueUrl } = await sqs.createQueueWithDeadLetters(PAIR);
  const reached = longPollsReached(1);
  const poll = receive(clientOf(sqs.url), queueUrl, { wait: 20 });
  await reached;
  await Promise.all([sqs.close(), sqs.close()]);
  expect(await poll).toEqual([]);
});
