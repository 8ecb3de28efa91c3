import { once } from 'node:events';
import { request as httpRequest, type RequestListener, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterEach, describe, expect, test } from '@jest/globals';
import express from 'express';
import { sendEvents } from '../../../src/app/event-stream.ts';
import { createHttpServer, type Patience } from '../../../src/app/http-server.ts';
import { makeShedLog, shedLoad } from '../../../src/app/load-shedding.ts';
import { type Admission, createAdmission } from '../../../src/shared/admission.ts';
import { captureLog } from '../../support/log.ts';
import { listenOnAnyPort } from '../../support/tcp-proxy.ts';

/** Nobody in these tests is waited for so long. */
const ENDLESS: Patience = { headMs: 600_000, requestMs: 600_000, checkEveryMs: 600_000 };
const SHORT: Patience = { headMs: 100, requestMs: 100, checkEveryMs: 20 };

const closing: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Served {
  port: number;
  admission: Admission;
}

/** A server with one place. */
async function serve(
  app: RequestListener,
  { patience = ENDLESS, unreadAnswerMs = 600_000 } = {},
): Promise<Served> {
  const admission = createAdmission({ maxInFlight: 1 });
  const listener = shedLoad(app, {
    ...{ admission, corsOrigins: ['*'], unreadAnswerMs },
    onShed: () => {},
  });
  const server = createHttpServer(listener, { maxStreams: 0, patience });
  const port = await listenOnAnyPort(server);
  closing.push(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  return { port, admission };
}

async function open({ port }: Served): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  closing.push(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Sends this, then a byte at a time, until somebody hangs up; resolves with what was answered. */
async function dribble({ port }: Served, start: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => {});
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  // Before anything is awaited: the server may have hung up by then.
  socket.once('close', () => resolve());
  socket.write(start);
  const timer = setInterval(() => void socket.write('x'), 5);
  closing.push(() => {
    clearInterval(timer);
    socket.destroy();
  });
  await closed;
  return text;
}

async function getOnAnotherConnection(served: Served): Promise<void> {
  const socket = await open(served);
  socket.write('GET /other HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(socket, 'data');
}

/** Echoes the body. */
const echo: RequestListener = async (request, response) => {
  if (!request.destroyed) response.end(await buffer(request));
};

describe('a client that sends slowly', () => {
  const HEAD = 'POST /graphql HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n';

  test('has no place while its body is on the way', async () => {
    const served = await serve(echo);
    const socket = await open(served);
    socket.write(`${HEAD}some`);
    // The server reads in the order in which things come in.
    await getOnAnotherConnection(served);
    expect([served.admission.inFlight(), served.admission.waiting()]).toEqual([0, 0]);
  });

  test('is dropped, and only then told of', async () => {
    const seen: boolean[] = [];
    const served = await serve(
      (request, response) => {
        seen.push(request.destroyed);
        response.end();
      },
      { patience: SHORT },
    );
    expect(await dribble(served, HEAD)).toMatch(/^(HTTP\/1\.1 408 |$)/);
    expect([seen, served.admission.inFlight()]).toEqual([[true], 0]);
  });

  test('is dropped while it sends its head', async () => {
    const served = await serve(echo, { patience: SHORT });
    expect(await dribble(served, 'GET / HTTP/1.1\r\nX-Long: ')).toMatch(/^(HTTP\/1\.1 408 |$)/);
  });
});

describe('a client that does not read its answer', () => {
  const LARGE = Buffer.alloc(64 * 2 ** 20);

  test('has no place any more, and is dropped', async () => {
    const { promise: ended, resolve: end } = Promise.withResolvers<ServerResponse>();
    const app: RequestListener = (_request, response) => {
      response.end(LARGE);
      end(response);
    };
    const served = await serve(app, { unreadAnswerMs: 50 });
    const socket = await open(served);
    socket.pause().write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    const response = await ended;
    expect(served.admission.inFlight()).toBe(0);
    if (!response.closed) await once(response, 'close');
    expect(response.writableFinished).toBe(false);
  });
});

describe('a client that does not read its stream', () => {
  async function* endless(): AsyncGenerator<string, void> {
    for (;;) yield `data: ${'x'.repeat(2 ** 20)}\n\n`;
  }

  test('loses it', async () => {
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const app = express();
    app.get('/', async (_request, response) => {
      await sendEvents(response, endless(), 20);
      end();
    });
    const socket = await open(await serve(app));
    socket.pause().write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    await over;
  });
});

describe('a body', () => {
  function post(port: number, body: Buffer, headers: Record<string, string | number>) {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const options = { host: '127.0.0.1', port, method: 'POST', headers, agent: false };
    const request = httpRequest(options, (response) => buffer(response).then(resolve, reject));
    request.once('error', reject);
    request.end(body);
    return promise;
  }

  test.each([0, 1, 1_000, 65_536, 100_000, 400_000])('of %i bytes comes whole', async (size) => {
    const { port } = await serve(echo);
    const body = Buffer.alloc(size, 'a pattern of no length that divides a buffer');
    expect((await post(port, body, { 'content-length': size })).equals(body)).toBe(true);
    expect((await post(port, body, { 'transfer-encoding': 'chunked' })).equals(body)).toBe(true);
  });

  test('that breaks off is passed on as such', async () => {
    const paths: (string | undefined)[] = [];
    const { promise: broken, resolve: tellBroken } = Promise.withResolvers<void>();
    const served = await serve((request, response) => {
      paths.push(request.url);
      if (request.destroyed) tellBroken();
      response.end();
    });
    const socket = await open(served);
    socket.write('POST /broken HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nsome');
    await getOnAnotherConnection(served);
    socket.destroy();
    await broken;
    expect(paths).toEqual(['/other', '/broken']);
    expect(served.admission.inFlight()).toBe(0);
  });
});

test('refusals are logged at once, then a line a second with how many there were', () => {
  const log = captureLog();
  let time = 0;
  const told = makeShedLog({ inFlight: () => 3, waiting: () => 7 }, log.logger, () => time);
  for (const at of [0, 1, 999, 1_000, 1_500, 2_000, 9_000]) {
    time = at;
    told();
  }
  expect(log.lines.map(({ count }) => count)).toEqual([1, 3, 2, 1]);
  expect(log.lines[0]).toMatchObject({ level: 'warn', msg: 'load.shed', inFlight: 3, waiting: 7 });
});
