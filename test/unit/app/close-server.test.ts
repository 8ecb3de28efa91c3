import { once } from 'node:events';
import { Agent, createServer, get, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { closeServer } from '../../../src/app/close-server.ts';
import { listenOnAnyPort } from '../../support/tcp-proxy.ts';

/** Longer than any test: what waits for this does not end. */
const NEVER_MS = 3_600_000;

let server: Server;
let port: number;
let agent: Agent;
let release: () => void;
let held: Promise<void>;

beforeEach(async () => {
  ({ promise: held, resolve: release } = Promise.withResolvers<void>());
  server = createServer(async (request, response) => {
    if (request.url === '/held') await held;
    response.end('answer');
  });
  server.keepAliveTimeout = NEVER_MS;
  port = await listenOnAnyPort(server);
  agent = new Agent({ keepAlive: true, maxSockets: 1 });
});
afterEach(() => {
  agent.destroy();
  server.closeAllConnections();
});

/** One request over the one connection; resolves with what it is told of the connection. */
async function ask(path = '/'): Promise<string | undefined> {
  const [response] = await once(get({ port, path, agent }), 'response');
  response.resume();
  await once(response, 'end');
  return response.headers.connection;
}

test('an idle connection gets one more answer, which says that it is the last', async () => {
  expect(await ask()).toBe('keep-alive');
  const closed = closeServer(server, { goodbyeMs: NEVER_MS, timeoutMs: NEVER_MS });
  expect(await ask()).toBe('close');
  await closed;
});

test('without a goodbye, idle connections are closed at once', async () => {
  expect(await ask()).toBe('keep-alive');
  await closeServer(server, { goodbyeMs: 0, timeoutMs: NEVER_MS });
});

test('what is being answered is answered, and its connection does not keep the server open', async () => {
  const answer = ask('/held');
  await once(server, 'request');
  const closed = closeServer(server, { goodbyeMs: 0, timeoutMs: NEVER_MS });
  // Idle connections have been looked for, and this was none.
  await sleep(20);
  release();
  await answer;
  await closed;
});

test('what is never answered is cut off in the end', async () => {
  const answer = ask('/held').catch(({ code }: NodeJS.ErrnoException) => code);
  await once(server, 'request');
  await closeServer(server, { goodbyeMs: 0, timeoutMs: 100 });
  expect(await answer).toBe('ECONNRESET');
});
