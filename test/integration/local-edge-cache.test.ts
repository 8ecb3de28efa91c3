import { once } from 'node:events';
import http from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createGrowingBody } from '../../src/local/edge/body.ts';
import { SIGNED_CACHE_CONTROL } from '../../src/local/edge/browser-cache.ts';
import type { Edge, EdgeOptions } from '../../src/local/edge/server.ts';
import {
  createTestKey,
  type FakeOrigin,
  type OriginHandler,
  picture,
  pictureHeaders,
  refuse,
  send,
  servePicture,
  signUrl,
  startFakeOrigin,
  startTestEdge,
} from '../support/local-edge.ts';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const MEBIBYTE = 1024 * 1024;

let origin: FakeOrigin;
let edge: Edge;
let clock = 0;
let problems: unknown[] = [];

/** A gate that a test opens when it is time. */
function createGate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

async function restartEdge(overrides: Partial<EdgeOptions> = {}): Promise<void> {
  await edge?.close();
  problems = [];
  edge = await startTestEdge(origin, [], {
    now: () => clock,
    onProblem: (error) => problems.push(error),
    ...overrides,
  });
}

function url(path = 'a'): string {
  return `${edge.url}/uploads/wishlist/${path}`;
}

async function xCache(target: string): Promise<string> {
  const { status, headers } = await send(target);
  return `${status} ${headers['x-cache']} ${headers.age ?? '-'}`;
}

function serving(body: Buffer, headers: Record<string, string> = {}): OriginHandler {
  return (_request, response) => {
    response.writeHead(200, { 'Content-Length': body.length, ...headers }).end(body);
  };
}

describe('the cache of the local edge', () => {
  beforeAll(async () => {
    origin = await startFakeOrigin();
  });
  beforeEach(async () => {
    clock = Date.UTC(2026, 1, 22, 10);
    origin.requests.length = 0;
    origin.handle = servePicture;
    await restartEdge();
  });
  afterAll(async () => {
    await edge.close();
    await origin.stop();
  });

  test('a miss, then hits with a growing Age, then a revalidation after a day', async () => {
    expect(await xCache(url())).toBe('200 Miss from cloudfront -');
    clock += 7_900;
    expect(await xCache(url())).toBe('200 Hit from cloudfront 7');
    clock += 24 * HOUR - 7_901;
    expect(await xCache(url())).toBe('200 Hit from cloudfront 86399');
    expect(origin.requests).toHaveLength(1);
    clock += 1;
    expect(await xCache(url())).toBe('200 RefreshHit from cloudfront 0');
    expect(origin.requests[1]?.headers['if-none-match']).toBe(pictureHeaders.ETag);
    expect((await send(url())).body).toEqual(picture);
    expect(origin.requests).toHaveLength(2);
  });

  test('what has changed at the origin replaces the stale copy', async () => {
    await send(url());
    clock += 25 * HOUR;
    origin.handle = serving(Buffer.from('new'), { ETag: '"2"' });
    expect((await send(url())).text).toBe('new');
    expect(await xCache(url())).toBe('200 Hit from cloudfront 0');
  });

  test('what is gone from the origin is gone after its revalidation', async () => {
    await send(url());
    clock += 25 * HOUR;
    origin.handle = refuse(404, 'NoSuchKey');
    expect((await send(url())).status).toBe(404);
  });

  test('the key is the decoded path, versionId and v, and nothing else', async () => {
    await send(url('x%20y'));
    for (const same of ['x y'.replace(' ', '%20'), '%78%20y', 'x%20y?utm=1', 'x%20y?Expires=1']) {
      expect(await xCache(url(same))).toBe('200 Hit from cloudfront 0');
    }
    for (const other of [
      'x+y',
      'x%20y?versionId=1',
      'x%20y?versionId=',
      'x%20y?v=1',
      'x%20y?v=1&versionId=1',
    ]) {
      expect(await xCache(url(other))).toBe('200 Miss from cloudfront -');
    }
    expect(await xCache(url('x%20y?versionId=1&v=1'))).toBe('200 Hit from cloudfront 0');
  });

  test.each([
    ['max-age=60', 60],
    ['public, max-age=60, s-maxage=10', 10],
    ['S-MaxAge=10, max-age=60', 10],
    ['max-age=99999999999', 365 * 24 * 3600],
    ['immutable', 24 * 3600],
  ])('Cache-Control %s keeps an object for %d seconds', async (cacheControl, seconds) => {
    origin.handle = serving(picture, { 'Cache-Control': cacheControl });
    expect((await send(url())).headers['cache-control']).toBe(cacheControl);
    clock += seconds * SECOND - 1;
    expect((await send(url())).headers['x-cache']).toBe('Hit from cloudfront');
    clock += 1;
    expect((await send(url())).headers['x-cache']).toBe('Miss from cloudfront');
  });

  test.each(['no-store', 'private, max-age=60', 'no-cache', 'max-age=0'])(
    'Cache-Control %s is asked for every time',
    async (cacheControl) => {
      origin.handle = serving(picture, { 'Cache-Control': cacheControl });
      await send(url());
      expect((await send(url())).headers['x-cache']).toBe('Miss from cloudfront');
      expect(origin.requests).toHaveLength(2);
    },
  );

  describe('browsers', () => {
    const key = createTestKey('K1', 'ec');
    const signed = (path: string) =>
      signUrl(`${edge.url}${path}`, Math.floor(clock / SECOND) + 600, key);

    beforeEach(async () => {
      await edge.close();
      edge = await startTestEdge(origin, [key], { now: () => clock, maxCacheBytes: 4_096 });
    });

    test.each(['/ingest/a', '/thumbnails/a.jpg'])('keep a signed picture: %s', async (path) => {
      const told = async () => {
        const { status, headers } = await send(signed(path));
        return `${status} ${headers['x-cache']} ${headers['cache-control']}`;
      };
      expect(await told()).toBe(`200 Miss from cloudfront ${SIGNED_CACHE_CONTROL}`);
      clock += 24 * HOUR - 1;
      // The edge's own default is as it was.
      expect(await told()).toBe(`200 Hit from cloudfront ${SIGNED_CACHE_CONTROL}`);
      clock += 1;
      expect(await told()).toBe(`200 RefreshHit from cloudfront ${SIGNED_CACHE_CONTROL}`);
    });

    test('are told so with 304 and parts, and of large pictures', async () => {
      const told = async (headers: Record<string, string>) => {
        const answer = await send(signed('/ingest/a'), { headers });
        return `${answer.status} ${answer.headers['cache-control']}`;
      };
      expect(await told({ 'if-none-match': pictureHeaders.ETag })).toBe(
        `304 ${SIGNED_CACHE_CONTROL}`,
      );
      expect(await told({ range: 'bytes=0-3' })).toBe(`206 ${SIGNED_CACHE_CONTROL}`);
      origin.handle = serving(Buffer.alloc(4_097), { ETag: '"large"' });
      const large = await send(signed('/ingest/large'));
      expect(large.headers['cache-control']).toBe(SIGNED_CACHE_CONTROL);
    });

    test('hear what the object says, where it says something', async () => {
      origin.handle = serving(picture, { 'Cache-Control': 'no-store' });
      expect((await send(signed('/ingest/a'))).headers['cache-control']).toBe('no-store');
    });

    test('are told nothing of public pictures, whose URL may stay when they change', async () => {
      expect((await send(url())).headers['cache-control']).toBeUndefined();
    });

    test('do not keep refusals', async () => {
      const expired = signUrl(`${edge.url}/ingest/a`, clock / SECOND - 1, key);
      expect(await send(expired)).toMatchObject({ status: 403 });
      expect((await send(expired)).headers['cache-control']).toBeUndefined();
      expect(
        (await send(signed('/ingest/a'), { headers: { range: 'bytes=99-' } })).headers,
      ).toEqual(expect.not.objectContaining({ 'cache-control': expect.anything() }));
      for (const [status, path] of [
        [404, '/ingest/gone'],
        [500, '/ingest/unwell'],
      ] as const) {
        origin.handle = refuse(status, 'Whatever');
        expect((await send(signed(path))).headers['cache-control']).toBeUndefined();
      }
    });
  });

  test('Expires counts where Cache-Control is silent', async () => {
    origin.handle = serving(picture, { Expires: new Date(clock + 5 * SECOND).toUTCString() });
    await send(url());
    clock += 4 * SECOND;
    expect((await send(url())).headers['x-cache']).toBe('Hit from cloudfront');
    clock += SECOND;
    expect((await send(url())).headers['x-cache']).toBe('Miss from cloudfront');
  });

  test.each([
    [404, 300],
    [403, 10],
  ])('a %d is remembered for %d seconds', async (status, seconds) => {
    origin.handle = refuse(status, 'Whatever');
    await send(url());
    origin.handle = servePicture;
    clock += seconds * SECOND - 1;
    expect(await xCache(url())).toBe(`${status} Error from cloudfront ${seconds - 1}`);
    clock += 1;
    expect(await xCache(url())).toBe('200 Miss from cloudfront -');
  });

  test.each([400, 500, 503])('a %d is not remembered', async (status) => {
    origin.handle = refuse(status, 'Whatever');
    expect((await send(url())).status).toBeGreaterThanOrEqual(400);
    origin.handle = servePicture;
    expect((await send(url())).status).toBe(200);
    expect(problems).toHaveLength(1);
  });

  test('twenty viewers at once cost one origin request, and later ones join while it streams', async () => {
    const halfSent = createGate();
    const rest = createGate();
    origin.handle = (_request, response) => {
      response.writeHead(200, { 'Content-Length': picture.length });
      response.write(picture.subarray(0, 10), () => halfSent.open());
      void rest.opened.then(() => response.end(picture.subarray(10)));
    };
    const viewers = Array.from({ length: 20 }, () => send(url()));
    await halfSent.opened;
    const joining = http.get(url(), { agent: false, headers: { range: 'bytes=3-12' } });
    const [joined] = (await once(joining, 'response')) as [http.IncomingMessage];
    expect(joined.statusCode).toBe(206);
    // The first bytes arrive although the origin has not sent the last: streamed, not collected.
    const [firstBytes] = (await once(joined, 'data')) as [Buffer];
    expect(firstBytes).toEqual(picture.subarray(3, 10));
    rest.open();
    const [lastBytes] = (await once(joined, 'data')) as [Buffer];
    expect(lastBytes).toEqual(picture.subarray(10, 13));

    for (const answer of await Promise.all(viewers)) {
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual(picture);
    }
    expect(origin.requests).toHaveLength(1);
    expect(await xCache(url())).toBe('200 Hit from cloudfront 0');
  });

  test('twenty viewers share a failure, and the next one asks again', async () => {
    origin.handle = refuse(500, 'InternalError');
    const answers = await Promise.all(Array.from({ length: 20 }, () => send(url())));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([502]));
    expect(origin.requests.length).toBeLessThan(20);
    origin.handle = servePicture;
    expect((await send(url())).status).toBe(200);
  });

  test('a viewer who goes away half-way does not spoil the object for the others', async () => {
    const rest = createGate();
    const done = createGate();
    origin.handle = (_request, response) => {
      response.writeHead(200, { 'Content-Length': picture.length });
      response.write(picture.subarray(0, 10));
      void rest.opened.then(() => response.end(picture.subarray(10), () => done.open()));
    };
    const leaver = http.get(url(), { agent: false });
    const [half] = (await once(leaver, 'response')) as [http.IncomingMessage];
    await once(half, 'data');
    half.on('error', () => {});
    half.destroy();
    const other = send(url());
    rest.open();
    expect((await other).body).toEqual(picture);
    await done.opened;
    const hit = await send(url());
    expect(hit.headers['x-cache']).toBe('Hit from cloudfront');
    expect(hit.body).toEqual(picture);
    expect(origin.requests).toHaveLength(1);
    expect(problems).toEqual([]);
  });

  test('a body the origin breaks off is cut for the viewer, reported and not cached', async () => {
    origin.handle = (_request, response) => {
      response.writeHead(200, { 'Content-Length': picture.length });
      response.write(picture.subarray(0, 10), () => response.destroy());
    };
    await expect(send(url())).rejects.toThrow('aborted');
    expect(problems).toHaveLength(1);
    origin.handle = servePicture;
    const answer = await send(url());
    expect(answer.headers['x-cache']).toBe('Miss from cloudfront');
    expect(answer.body).toEqual(picture);
  });

  test('a body that stalls is cut after the timeout, and not cached', async () => {
    // Time enough for the answer to begin, and for the whole one below, on any machine.
    await restartEdge({ originTimeoutMs: 3_000 });
    origin.handle = (_request, response) => {
      response.writeHead(200, { 'Content-Length': picture.length });
      response.write(picture.subarray(0, 10));
    };
    await expect(send(url())).rejects.toThrow('aborted');
    origin.handle = servePicture;
    expect(await xCache(url())).toBe('200 Miss from cloudfront -');
  });

  test('a body shorter or longer than promised fails instead of being whole', async () => {
    for (const length of [2, 4]) {
      const body = createGrowingBody(length);
      body.push(Buffer.from('abc'));
      expect(() => body.finish()).toThrow(`The origin sent 3 bytes instead of ${length}`);
      await expect(body.read(3, 9).next()).rejects.toThrow('The origin sent 3 bytes');
    }
  });

  test('a kept-alive connection that the origin closes on reuse costs no viewer a failure', async () => {
    const used = new WeakSet<object>();
    origin.handle = (request, response) => {
      if (used.has(request.socket)) request.socket.destroy();
      else servePicture(request, response);
      used.add(request.socket);
    };
    expect((await send(url('first'))).status).toBe(200);
    expect((await send(url('second'))).status).toBe(200);
    expect(origin.requests).toHaveLength(3);
    expect(problems).toEqual([]);
  });

  test('an answer without Content-Length cannot be known to be whole: 502', async () => {
    origin.handle = (_request, response) => {
      response.writeHead(200);
      response.write('x');
      response.end('y');
    };
    expect((await send(url())).status).toBe(502);
  });

  test('an origin that is down is a 502; cached objects outlive it; it recovers', async () => {
    await send(url('kept'));
    await origin.stop();
    expect(await xCache(url('kept'))).toBe('200 Hit from cloudfront 0');
    const down = await send(url());
    expect(down.status).toBe(502);
    expect(down.headers['content-type']).toBe('text/html');
    expect(down.text).not.toMatch(/ECONNREFUSED|127\.0\.0\.1/);
    await origin.restart();
    expect(await xCache(url())).toBe('200 Miss from cloudfront -');
  });

  test('the least recently used objects leave first', async () => {
    const body = Buffer.alloc(100 * 1024, 7);
    origin.handle = serving(body);
    await restartEdge({ maxCacheBytes: 310 * 1024 });
    for (const name of ['a', 'b', 'c', 'a', 'd']) await send(url(name));
    expect(origin.requests.map((request) => request.url.at(-1)).join('')).toBe('abcd');
    for (const name of ['a', 'c', 'd']) {
      expect(await xCache(url(name))).toBe('200 Hit from cloudfront 0');
    }
    expect(await xCache(url('b'))).toBe('200 Miss from cloudfront -');
  });

  describe('an object over 32 MiB', () => {
    const large = Buffer.alloc(32 * MEBIBYTE + 1, 'large object ');
    const serveLarge: OriginHandler = (request, response) => {
      const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      if (first === undefined) {
        response.writeHead(200, { 'Content-Length': large.length, ETag: '"large"' }).end(large);
      } else {
        const part = large.subarray(Number(first), Number(last) + 1);
        response.writeHead(206, { 'Content-Length': part.length, ETag: '"large"' }).end(part);
      }
    };
    beforeEach(() => {
      origin.handle = serveLarge;
    });

    test('is streamed through whole, each time from the origin', async () => {
      const answers = await Promise.all([send(url()), send(url())]);
      answers.push(await send(url()));
      for (const answer of answers) {
        expect(answer.headers['x-cache']).toBe('Miss from cloudfront');
        expect(answer.body.equals(large)).toBe(true);
      }
    });

    test('has ranges, HEAD and conditions like any other', async () => {
      const last = await send(url(), { headers: { range: 'bytes=-3' } });
      expect(last.status).toBe(206);
      expect(last.headers['content-range']).toBe(
        `bytes ${large.length - 3}-${large.length - 1}/${large.length}`,
      );
      expect(last.body).toEqual(large.subarray(-3));
      const head = await send(url(), { method: 'HEAD' });
      expect(head.headers['content-length']).toBe(String(large.length));
      expect((await send(url(), { headers: { 'if-none-match': '"large"' } })).status).toBe(304);
      const beyond = await send(url(), { headers: { range: `bytes=${large.length}-` } });
      expect(beyond.status).toBe(416);
      expect(problems).toEqual([]);
    });

    test('replaced between the two requests for a range is a 502, not a mixture', async () => {
      origin.handle = (request, response) => {
        const ETag = request.headers.range === undefined ? '"old"' : '"new"';
        const length = request.headers.range === undefined ? large.length : 3;
        response.writeHead(length === 3 ? 206 : 200, { 'Content-Length': length, ETag });
        response.end(large.subarray(0, length));
      };
      expect((await send(url(), { headers: { range: 'bytes=0-2' } })).status).toBe(502);
    });

    test('viewers who come at once do not share one stream: one may leave', async () => {
      const bothAsked = createGate();
      origin.handle = (request, response) => {
        if (request.url?.endsWith('/barrier')) servePicture(request, response);
        else void bothAsked.opened.then(() => serveLarge(request, response));
      };
      const leaver = http.get(url(), { agent: false });
      const answered = once(leaver, 'response');
      const stayer = send(url());
      // Answered after the two above have reached the edge, where they now wait for one answer.
      await send(url('barrier'));
      bothAsked.open();
      const [response] = (await answered) as [http.IncomingMessage];
      response.on('error', () => {});
      response.destroy();
      expect((await stayer).body.equals(large)).toBe(true);
    });

    test('a viewer who leaves stops the origin; an origin that breaks off is reported', async () => {
      const originCut = createGate();
      origin.handle = (request, response) => {
        response.on('close', () => originCut.open());
        serveLarge(request, response);
      };
      const leaver = http.get(url(), { agent: false });
      const [response] = (await once(leaver, 'response')) as [http.IncomingMessage];
      response.on('error', () => {});
      response.destroy();
      await originCut.opened;
      expect(problems).toEqual([]);

      origin.handle = (_request, answer) => {
        answer.writeHead(200, { 'Content-Length': large.length });
        answer.write(large.subarray(0, MEBIBYTE), () => answer.destroy());
      };
      await expect(send(url())).rejects.toThrow('aborted');
      expect(problems).toHaveLength(1);
    });
  });
});
