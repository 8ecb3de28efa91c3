/** Sends requests over connections that stay open, and checks what comes back. */
import { Agent, type IncomingMessage, request as startRequest } from 'node:http';
import type { Drive, Driven, Expectation, PreparedRequest } from './messages.ts';

const SIGNATURE = /[?&](X-Amz-)?Signature=/g;

const agent = new Agent({ keepAlive: true });

function send(port: number, { method, path, body }: PreparedRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers =
      body === null
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    startRequest({ host: '127.0.0.1', port, agent, method, path, headers })
      .on('response', resolve)
      .on('error', reject)
      .end(body ?? undefined);
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) text += chunk;
  return text;
}

async function check(response: IncomingMessage, expected: Expectation): Promise<void> {
  const text = await textOf(response);
  const urls = text.match(SIGNATURE)?.length ?? 0;
  if (response.statusCode === expected.status && urls === expected.urls) return;
  throw new Error(`answered ${response.statusCode} with ${urls} URLs: ${text.slice(0, 500)}`);
}

async function drive({ port, requests, expected, count, concurrency }: Drive): Promise<void> {
  let next = 0;
  async function sendInTurn(): Promise<void> {
    while (next < count) {
      const request = requests[next % requests.length];
      next += 1;
      if (request) await check(await send(port, request), expected);
    }
  }
  await Promise.all(Array.from({ length: concurrency }, sendInTurn));
}

process.on('message', (message: Drive) => {
  drive(message).then(
    () => process.send?.({ problem: null } satisfies Driven),
    (error: unknown) => process.send?.({ problem: String(error) } satisfies Driven),
  );
});
process.once('disconnect', () => process.exit());
process.send?.('ready');
