import type { SqsApp } from './sqs-store.ts';

type Store = SqsApp['store'];
type Queue = NonNullable<ReturnType<Store['getQueue']>>;

const LONGEST_POLL_SECS = 20;

const JSON_PROTOCOL = 'application/x-amz-json-1.0';

interface Entry {
  VisibilityTimeout?: unknown;
}

/** The parts of a request body that the hooks read and change. */
interface SqsBody extends Entry {
  QueueUrl?: unknown;
  WaitTimeSeconds?: unknown;
  Entries?: Entry[];
}

/**
 * Waits until a message can be had, the time is over, or `signal` aborts. All who wait are woken
 * by one message, so the ones who come too late wait on.
 */
async function waitForMessage(queue: Queue, seconds: number, signal: AbortSignal): Promise<void> {
  const deadline = Date.now() + seconds * 1_000;
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  queue.processTimers();
  while (!signal.aborted && queue.messages.length === 0) {
    const secondsLeft = (deadline - Date.now()) / 1_000;
    if (secondsLeft <= 0) return;
    await Promise.race([queue.waitForMessages(secondsLeft), aborted]);
  }
}

/**
 * fauxqs puts a message whose visibility timeout is set to 0 back with a receive count of null,
 * which its own table refuses: the request fails and the message is gone until a restart. The
 * smallest number above 0 makes it visible just as soon, by another path.
 */
function avoidVisibilityZero(entry: Entry): void {
  if (entry.VisibilityTimeout === 0) entry.VisibilityTimeout = Number.MIN_VALUE;
}

/**
 * Makes fauxqs a queue server only, and repairs two of its faults from outside.
 *
 * Its long poll outlives its client: the next message goes to the closed connection and is
 * invisible until its visibility timeout. So the waiting is done here, where a closed connection
 * ends it, and fauxqs is asked once there is something to take.
 *
 * @param isClosing whether the server is being closed, which ends all waiting
 */
export function addSqsHooks({ app, store }: SqsApp, closing: AbortSignal): void {
  app.addHook('onRequest', async (request, reply) => {
    const isSqs =
      request.method === 'POST' &&
      request.url === '/' &&
      request.headers['content-type']?.startsWith(JSON_PROTOCOL) &&
      String(request.headers['x-amz-target']).startsWith('AmazonSQS.');
    if (!isSqs) return reply.code(404).send();
  });
  app.addHook<{ Body: SqsBody | null }>('preHandler', async (request, reply) => {
    const { body } = request;
    if (typeof body !== 'object' || body === null) return reply.code(400).send();
    const action = request.headers['x-amz-target'];
    if (action === 'AmazonSQS.ChangeMessageVisibility') avoidVisibilityZero(body);
    if (action === 'AmazonSQS.ChangeMessageVisibilityBatch')
      body.Entries?.forEach(avoidVisibilityZero);
    if (action !== 'AmazonSQS.ReceiveMessage') return;
    const queue = store.getQueue(String(body.QueueUrl));
    const seconds = Number(
      body.WaitTimeSeconds ?? queue?.attributes.ReceiveMessageWaitTimeSeconds ?? 0,
    );
    // What is wrong with the request is for fauxqs to say.
    if (queue === undefined || !(seconds > 0 && seconds <= LONGEST_POLL_SECS)) return;
    const gone = new AbortController();
    const leave = () => gone.abort();
    reply.raw.once('close', leave);
    await waitForMessage(queue, seconds, AbortSignal.any([gone.signal, closing]));
    reply.raw.off('close', leave);
    if (reply.raw.destroyed || gone.signal.aborted) return reply.code(400).send();
    body.WaitTimeSeconds = 0;
  });
}
