import { callSqs, JSON_PROTOCOL, TARGET_PREFIX } from './sqs-call.ts';
import type { SqsApp } from './sqs-store.ts';

type Queue = NonNullable<ReturnType<SqsApp['store']['getQueue']>>;

const LONGEST_POLL_SECS = 20;

interface Entry {
  VisibilityTimeout?: unknown;
}

/** The parts of a request body that the hooks read and change. */
interface SqsBody extends Entry {
  QueueUrl?: unknown;
  WaitTimeSeconds?: unknown;
  Entries?: Entry[];
}

/** Waits until there is a message, the time is over, or `signal` aborts; says whether there is. */
async function untilMessage(queue: Queue, deadline: number, signal: AbortSignal): Promise<boolean> {
  const aborted = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  queue.processTimers();
  while (!signal.aborted && queue.messages.length === 0) {
    const secondsLeft = (deadline - Date.now()) / 1_000;
    if (secondsLeft <= 0) return false;
    await Promise.race([queue.waitForMessages(secondsLeft), aborted]);
  }
  return !signal.aborted;
}

/**
 * A long poll. That of fauxqs outlives its client: the next message goes to the closed connection
 * and is invisible until its visibility timeout. So the waiting is done here, where a closed
 * connection ends it, and fauxqs is asked, without waiting, when there is something to take.
 *
 * @returns the answer, or nothing if fauxqs is to answer
 */
async function longPoll(
  { app, store }: SqsApp,
  body: SqsBody,
  ended: AbortSignal,
): Promise<string | undefined> {
  const queue = store.getQueue(String(body.QueueUrl));
  const seconds = Number(
    body.WaitTimeSeconds ?? queue?.attributes.ReceiveMessageWaitTimeSeconds ?? 0,
  );
  // What is wrong with the request is for fauxqs to say.
  if (queue === undefined || !(seconds > 0 && seconds <= LONGEST_POLL_SECS)) return undefined;
  body.WaitTimeSeconds = 0;
  const deadline = Date.now() + seconds * 1_000;
  while (await untilMessage(queue, deadline, ended)) {
    const answer = await callSqs(app, 'ReceiveMessage', body);
    // All who wait are woken by one message; those who come too late wait on.
    if (answer.body !== '{}') return answer.ok ? answer.body : undefined;
  }
  return undefined;
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
 * @param closing aborted when the server is being closed, which ends all waiting
 */
export function addSqsHooks(sqs: SqsApp, closing: AbortSignal): void {
  sqs.app.addHook('onRequest', async (request, reply) => {
    const isSqs =
      request.method === 'POST' &&
      request.url === '/' &&
      request.headers['content-type']?.startsWith(JSON_PROTOCOL) &&
      String(request.headers['x-amz-target']).startsWith(TARGET_PREFIX);
    if (!isSqs) return reply.code(404).send();
  });
  sqs.app.addHook<{ Body: SqsBody | null }>('preHandler', async (request, reply) => {
    const { body } = request;
    if (typeof body !== 'object' || body === null) return reply.code(400).send();
    const action = String(request.headers['x-amz-target']).slice(TARGET_PREFIX.length);
    if (action === 'ChangeMessageVisibility') avoidVisibilityZero(body);
    if (action === 'ChangeMessageVisibilityBatch') body.Entries?.forEach(avoidVisibilityZero);
    if (action !== 'ReceiveMessage') return;
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const answer = await longPoll(sqs, body, AbortSignal.any([gone.signal, closing]));
    if (answer !== undefined) return reply.type(JSON_PROTOCOL).send(answer);
    // Nobody would read what fauxqs takes from the queue now.
    if (gone.signal.aborted) return reply.code(400).send();
  });
}
