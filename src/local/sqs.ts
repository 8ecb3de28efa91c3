import { findFreePort } from './ports.ts';
import { callSqs } from './sqs-call.ts';
import { addSqsHooks } from './sqs-hooks.ts';
import { buildPersistentSqs, type SqsApp } from './sqs-store.ts';

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/** SQS on this machine. It checks no signatures, so it listens on loopback only. */
export interface LocalSqs {
  /** The endpoint, e.g. `http://127.0.0.1:9324`. */
  url: string;
  port: number;
  /**
   * Creates a queue and its dead-letter queue, or brings the settings of existing ones up to
   * date; their messages stay. The URLs are good until the next start, whose port may differ
   * (an older URL still works if sent to the right port: only its last part counts).
   */
  createQueueWithDeadLetters(options: {
    name: string;
    deadLetterName: string;
    visibilityTimeoutSecs: number;
    maxReceiveCount: number;
  }): Promise<{ queueUrl: string; deadLetterQueueUrl: string }>;
  /** Sends a message; when this resolves, it is on disk. */
  send(queueUrl: string, body: string): Promise<void>;
  /** Ends open long polls with an empty answer, then closes all connections. */
  close(): Promise<void>;
}

/** Calls an action of the queue server that must not fail. */
async function call({ app }: SqsApp, action: string, body: object): Promise<void> {
  const answer = await callSqs(app, action, body);
  if (!answer.ok) throw new Error(`${action} failed: ${answer.body}`);
}

/** @returns the queue's URL and ARN */
async function ensureQueue(
  sqs: SqsApp,
  name: string,
  attributes: Record<string, string>,
): Promise<{ url: string; arn: string }> {
  // By name rather than GetQueueUrl, which misses a queue made when another region was configured.
  const existing = sqs.store.getQueueByName(name);
  if (existing)
    await call(sqs, 'SetQueueAttributes', { QueueUrl: existing.url, Attributes: attributes });
  else await call(sqs, 'CreateQueue', { QueueName: name, Attributes: attributes });
  const queue = sqs.store.getQueueByName(name);
  if (queue === undefined) throw new Error(`Queue ${name} was not created.`);
  return queue;
}

/**
 * Starts fauxqs as a queue server: `POST /` of the SQS JSON protocol, nothing else.
 *
 * @param options.dataDir made if missing; queues and messages in it survive kill -9
 * @param options.port 0 for any free one
 * @throws Error when the host is not loopback or the port is taken (`EADDRINUSE`)
 */
export async function startSqs(options: {
  dataDir: string;
  port: number;
  host?: string;
  region: string;
}): Promise<LocalSqs> {
  const { dataDir, region, host = '127.0.0.1' } = options;
  if (!LOOPBACK.has(host))
    throw new Error(`The local queue listens on loopback only, not ${host}.`);
  const port = options.port === 0 ? await findFreePort(0, host) : options.port;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const sqs = await buildPersistentSqs({ dataDir, region, origin: url });
  const closing = new AbortController();
  addSqsHooks(sqs, closing.signal);
  try {
    await sqs.app.listen({ port, host });
  } catch (error) {
    await sqs.app.close();
    sqs.closeStore();
    throw error;
  }
  let closed: Promise<void> | undefined;
  return {
    url,
    port,
    async createQueueWithDeadLetters({
      name,
      deadLetterName,
      visibilityTimeoutSecs,
      maxReceiveCount,
    }) {
      const deadLetters = await ensureQueue(sqs, deadLetterName, {});
      const queue = await ensureQueue(sqs, name, {
        VisibilityTimeout: String(visibilityTimeoutSecs),
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount }),
      });
      return { queueUrl: queue.url, deadLetterQueueUrl: deadLetters.url };
    },
    send: (queueUrl, body) => call(sqs, 'SendMessage', { QueueUrl: queueUrl, MessageBody: body }),
    close() {
      closed ??= (async () => {
        closing.abort();
        await sqs.app.close();
        sqs.closeStore();
      })();
      return closed;
    },
  };
}
