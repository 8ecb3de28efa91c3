import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Edge } from '../../src/local/edge/server.ts';
import {
  createTestKey,
  type FakeOrigin,
  picture,
  pictureHeaders,
  refuse,
  send,
  servePicture,
  signUrl,
  startFakeOrigin,
  startTestEdge,
} from '../support/local-edge.ts';

const key = createTestKey('KEDGE', 'ec');
const gallery = { origin: 'http://gallery.test' };

let origin: FakeOrigin;
let edge: Edge;
let counter = 0;

/** A public URL that no test has used before, so that nothing of it is cached. */
function freshUrl(): string {
  counter += 1;
  return `${edge.url}/uploads/wishlist/item-${counter}.gif`;
}

function signed(path: string): string {
  return signUrl(`${edge.url}${path}`, Math.floor(Date.now() / 1000) + 600, key);
}

describe('the local edge', () => {
  beforeAll(async () => {
    origin = await startFakeOrigin();
    edge = await startTestEdge(origin, [key]);
  });
  beforeEach(() => {
    origin.requests.length = 0;
    origin.handle = servePicture;
  });
  afterAll(async () => {
    await edge.close();
    await origin.stop();
  });

  test('serves public pictures to everyone and ingested ones by signed URL', async () => {
    expect((await send(freshUrl())).body).toEqual(picture);
    expect((await send(signed('/ingest/01J'))).body).toEqual(picture);
    expect((await send(signed('/thumbnails/01J.jpg'))).body).toEqual(picture);
    expect((await send(`${edge.url}/ingest/01J`)).status).toBe(403);
  });

  test.each([
    '/',
    '/favicon.ico',
    '/uploads/01J',
    '/uploads/wishlist',
    '//ingest/01J',
    '/INGEST/01J',
    '/Uploads/wishlist/x',
    '/?prefix=ingest',
    '/secret/ingest/x',
  ])('refuses a path of no behaviour, even signed: %s', async (path) => {
    for (const url of [`${edge.url}${path}`, signed(path)]) {
      const answer = await send(url);
      expect(answer.status).toBe(403);
      expect(answer.text).toContain('<Code>AccessDenied</Code>');
    }
    expect(origin.requests).toHaveLength(0);
  });

  test.each([
    '/uploads/wishlist/../../ingest/01J',
    '/uploads/wishlist/%2e%2e/%2E%2e/ingest/01J',
    '/uploads/wishlist/..%2f..%2fingest/01J',
    '/uploads/wishlist/%2e/x',
    '/uploads/wishlist/%',
    '/uploads/wishlist/%E9',
    '/uploads/wishlist/a%00b',
    '/uploads/wishlist/a?versionId=1&versionId=2',
    '/uploads/wishlist/a?v=1&v=2',
    '/uploads/wishlist/a?versionId=%E0%A4',
  ])('refuses what could mean two things: %s', async (path) => {
    expect((await send(`${edge.url}${path}`)).status).toBe(400);
    expect(origin.requests).toHaveLength(0);
  });

  test('an encoded spelling of a signed path still needs a signature', async () => {
    expect((await send(`${edge.url}/%69ngest/01J`)).status).toBe(403);
    expect((await send(`${edge.url}/ingest%2F01J`)).status).toBe(403);
    expect(origin.requests).toHaveLength(0);
  });

  test.each(['PUT', 'POST', 'DELETE', 'PATCH'])('refuses %s as CloudFront does', async (method) => {
    const answer = await send(freshUrl(), { method, body: 'x' });
    expect(answer.status).toBe(403);
    expect(answer.headers['content-type']).toBe('text/html');
    expect(answer.text).toContain(
      'This distribution is not configured to allow the HTTP request method',
    );
  });

  test('refuses a GET with a body', async () => {
    expect((await send(freshUrl(), { body: 'x', headers: { 'content-length': '1' } })).status).toBe(
      403,
    );
    expect(origin.requests).toHaveLength(0);
  });

  test.each([
    ['space', '/ingest/a%20b', '/media/ingest/a%20b'],
    ['plus', '/ingest/a+b', '/media/ingest/a%2Bb'],
    ['encoded plus', '/ingest/a%2Bc', '/media/ingest/a%2Bc'],
    ['é', '/ingest/caf%C3%A9', '/media/ingest/caf%C3%A9'],
    ['percent', '/ingest/100%25', '/media/ingest/100%25'],
    ['a percent that looks like an escape', '/ingest/%2541', '/media/ingest/%2541'],
    ["S3's other reserved characters", "/ingest/!'()*~", '/media/ingest/%21%27%28%29%2A~'],
    ['a question mark', '/ingest/what%3F', '/media/ingest/what%3F'],
    ['an empty segment', '/ingest//x', '/media/ingest//x'],
  ])('a key with %s reaches S3 as the same key', async (_name, path, received) => {
    expect((await send(signed(path))).status).toBe(200);
    expect(origin.requests.map((request) => request.url)).toEqual([received]);
  });

  test('forwards versionId and nothing else of the viewer', async () => {
    const url = signed('/ingest/01J?versionId=a/b+c&v=7&response-content-type=text/html&acl');
    const headers = {
      cookie: 'session=1',
      authorization: 'Basic eA==',
      'x-amz-acl': 'public-read',
    };
    expect((await send(url, { headers })).status).toBe(200);
    const [received] = origin.requests;
    expect(received?.url).toBe('/media/ingest/01J?versionId=a%2Fb%2Bc');
    expect(received?.headers.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDEDGE\//);
    expect(received?.headers).not.toHaveProperty('cookie');
    expect(received?.headers).not.toHaveProperty('x-amz-acl');
  });

  test('answers with the headers of the object and its own, and none of S3', async () => {
    const { headers } = await send(freshUrl());
    expect(headers).toMatchObject({
      'content-type': 'image/gif',
      'content-length': String(picture.length),
      etag: pictureHeaders.ETag,
      'last-modified': pictureHeaders['Last-Modified'],
      'content-disposition': pictureHeaders['Content-Disposition'],
      'x-amz-version-id': 'v-1',
      'x-content-type-options': 'nosniff',
      'x-cache': 'Miss from cloudfront',
      via: '1.1 edge.local (CloudFront)',
      'accept-ranges': 'bytes',
    });
    expect(headers['x-amz-cf-id']).toMatch(/^[\w-]{54}==$/);
    expect(headers).not.toHaveProperty('age');
    expect(JSON.stringify(headers)).not.toMatch(/SECRET|AmazonS3/);
  });

  test('HEAD has the headers of GET and no body', async () => {
    const url = freshUrl();
    for (const expected of ['Miss from cloudfront', 'Hit from cloudfront']) {
      const answer = await send(url, { method: 'HEAD' });
      expect(answer.status).toBe(200);
      expect(answer.headers['content-length']).toBe(String(picture.length));
      expect(answer.headers['x-cache']).toBe(expected);
      expect(answer.body).toHaveLength(0);
    }
  });

  describe('a range', () => {
    const last = picture.length - 1;
    test.each([
      ['bytes=0-4', 0, 4],
      ['bytes=5-', 5, last],
      ['bytes=-4', last - 3, last],
      ['bytes=0-0', 0, 0],
      ['bytes=10-9999', 10, last],
      ['bytes=-9999', 0, last],
    ])('%s is answered with 206, on a miss and on a hit', async (range, first, end) => {
      const url = freshUrl();
      for (const expected of ['Miss from cloudfront', 'Hit from cloudfront']) {
        const answer = await send(url, { headers: { range } });
        expect(answer.status).toBe(206);
        expect(answer.headers['content-range']).toBe(`bytes ${first}-${end}/${picture.length}`);
        expect(answer.headers['x-cache']).toBe(expected);
        expect(answer.body).toEqual(picture.subarray(first, end + 1));
      }
      expect(origin.requests).toHaveLength(1);
    });

    test.each([`bytes=${picture.length}-`, 'bytes=-0'])(
      '%s is answered with 416',
      async (range) => {
        const answer = await send(freshUrl(), { headers: { range } });
        expect(answer.status).toBe(416);
        expect(answer.headers['content-range']).toBe(`bytes */${picture.length}`);
      },
    );

    test.each(['bytes=5-4', 'bytes=-', 'bytes=a-b', 'lines=1-2', 'bytes=0-1,3-4'])(
      '%s is ignored',
      async (range) => {
        const answer = await send(freshUrl(), { headers: { range } });
        expect(answer.status).toBe(200);
        expect(answer.body).toEqual(picture);
      },
    );

    test('of an outdated copy (If-Range) gets the whole object', async () => {
      const url = freshUrl();
      const range = 'bytes=0-4';
      const outdated = await send(url, { headers: { range, 'if-range': '"picture-0"' } });
      expect(outdated.status).toBe(200);
      const current = await send(url, { headers: { range, 'if-range': pictureHeaders.ETag } });
      expect(current.status).toBe(206);
    });
  });

  test.each([
    ['if-none-match', pictureHeaders.ETag, 304],
    ['if-none-match', '"other", W/"picture-1"', 304],
    ['if-none-match', '*', 304],
    ['if-none-match', '"other"', 200],
    ['if-modified-since', pictureHeaders['Last-Modified'], 304],
    ['if-modified-since', 'Sat, 21 Feb 2026 10:00:00 GMT', 200],
    ['if-modified-since', 'yesterday', 200],
  ])('%s: %s gets %d', async (name, value, status) => {
    const answer = await send(freshUrl(), { headers: { [name]: value } });
    expect(answer.status).toBe(status);
    expect(answer.body).toHaveLength(status === 304 ? 0 : picture.length);
    expect(answer.headers.etag).toBe(pictureHeaders.ETag);
  });

  describe('CORS', () => {
    test('a gallery page may read pictures, and errors too', async () => {
      for (const url of [freshUrl(), `${edge.url}/ingest/01J`]) {
        const { headers } = await send(url, { headers: gallery });
        expect(headers['access-control-allow-origin']).toBe('http://gallery.test');
        expect(headers['access-control-expose-headers']).toContain('ETag');
        expect(headers.vary).toBe('Origin');
      }
    });

    test('other pages may not; who asks first does not decide for who asks next', async () => {
      const url = freshUrl();
      const other = await send(url, { headers: { origin: 'http://evil.test' } });
      expect(other.headers).not.toHaveProperty('access-control-allow-origin');
      expect(other.headers.vary).toBe('Origin');
      const { headers } = await send(url, { headers: gallery });
      expect(headers['access-control-allow-origin']).toBe('http://gallery.test');
    });

    const ask = {
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'range',
    };

    test('a preflight is answered by the edge', async () => {
      const answer = await send(freshUrl(), { method: 'OPTIONS', headers: { ...gallery, ...ask } });
      expect(answer.status).toBe(200);
      expect(answer.headers).toMatchObject({
        'access-control-allow-origin': 'http://gallery.test',
        'access-control-allow-methods': 'GET, HEAD, OPTIONS',
        'access-control-allow-headers': 'range',
      });
      expect(origin.requests).toHaveLength(0);
    });

    test('a preflight of another page, or of a signed path without signature, is refused', async () => {
      const evil = { origin: 'http://evil.test', ...ask };
      expect((await send(freshUrl(), { method: 'OPTIONS', headers: evil })).status).toBe(403);
      const options = { method: 'OPTIONS', headers: { ...gallery, ...ask } };
      expect((await send(`${edge.url}/ingest/01J`, options)).status).toBe(403);
      expect((await send(signed('/ingest/01J'), options)).status).toBe(200);
    });

    test('OPTIONS that is no preflight tells the methods', async () => {
      const answer = await send(freshUrl(), { method: 'OPTIONS' });
      expect(answer.status).toBe(200);
      expect(answer.headers.allow).toBe('GET, HEAD, OPTIONS');
    });
  });

  test.each([
    [404, 'NoSuchKey', 404, '<Code>NoSuchKey</Code>'],
    [403, 'AccessDenied', 403, '<Code>AccessDenied</Code>'],
    [400, 'InvalidArgument', 400, '<Code>InvalidRequest</Code>'],
    [405, 'MethodNotAllowed', 405, '<Code>InvalidRequest</Code>'],
    [500, 'InternalError', 502, '502 ERROR'],
    [503, 'SlowDown', 503, '503 ERROR'],
    [301, 'PermanentRedirect', 502, '502 ERROR'],
    [304, 'NotModified', 502, '502 ERROR'],
  ])('the %d of the origin (%s) becomes %d without a word of S3', async (from, code, to, text) => {
    origin.handle = refuse(from, code);
    const answer = await send(freshUrl());
    expect(answer.status).toBe(to);
    expect(answer.text).toContain(text);
    expect(answer.headers['x-cache']).toBe('Error from cloudfront');
    expect(answer.headers['x-content-type-options']).toBe('nosniff');
    expect(answer.text + JSON.stringify(answer.headers)).not.toContain('media');
  });

  test('HEAD of what is missing is a 404 without body', async () => {
    origin.handle = refuse(404, 'NoSuchKey');
    const answer = await send(freshUrl(), { method: 'HEAD' });
    expect(answer.status).toBe(404);
    expect(answer.body).toHaveLength(0);
  });

  test('an origin that stays silent is a 504, and is reported', async () => {
    const problems: unknown[] = [];
    const silent = await startTestEdge(origin, [], {
      originTimeoutMs: 50,
      onProblem: (error) => problems.push(error),
    });
    origin.handle = () => {};
    try {
      const answer = await send(`${silent.url}/uploads/wishlist/x`);
      expect(answer.status).toBe(504);
      expect(problems).toEqual([expect.objectContaining({ name: 'OriginTimeoutError' })]);
    } finally {
      await silent.close();
    }
  });

  test('keeps the connection of a viewer open', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    for (const method of ['GET', 'HEAD', 'GET']) {
      const request = http.request(freshUrl(), { agent, method }).end();
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      ports.add(response.socket.localPort);
      response.resume();
      await once(response, 'end');
    }
    agent.destroy();
    expect(ports.size).toBe(1);
  });

  test('answers nonsense on the wire with 400 and lives on', async () => {
    const socket = net.connect(edge.port, '127.0.0.1');
    socket.end(
      'GET http://elsewhere.test/uploads/wishlist/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect((await send(freshUrl())).status).toBe(200);
  });

  test('close() cuts viewers and origin requests under way, frees the port, and may come twice', async () => {
    const problems: unknown[] = [];
    const closing = await startTestEdge(origin, [], { onProblem: (error) => problems.push(error) });
    const idle = net.connect(closing.port, '127.0.0.1');
    await once(idle, 'connect');
    const idleClosed = once(idle, 'close');

    // The connection to the origin is a used one: its end must not be taken for a stale keep-alive.
    await send(`${closing.url}/uploads/wishlist/warm-up`);
    const arrived = new Promise<void>((resolve) => {
      origin.handle = () => resolve();
    });
    const waiting = expect(send(`${closing.url}/uploads/wishlist/x`)).rejects.toThrow();
    await arrived;
    await closing.close();
    await waiting;
    await idleClosed;
    await closing.close();
    expect(problems).toEqual([]);
    expect(origin.requests).toHaveLength(2);

    const next = await startTestEdge(origin, [], { port: closing.port });
    await next.close();
  });

  test('a port in use is an error of startEdge', async () => {
    await expect(startTestEdge(origin, [], { port: edge.port })).rejects.toThrow('EADDRINUSE');
  });
});
