import { mkdtemp, rm } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestApi, type TestApi } from '../support/api.ts';
import { INDEX, makeStandInPage, SCRIPT, type StandInPage } from '../support/page.ts';

const JS = '/assets/main-B1_x.js';

let page: StandInPage;
let api: TestApi;

beforeAll(async () => {
  page = await makeStandInPage();
  api = await startTestApi({ GALLERY_PAGE: 'true' }, { galleryDirectory: page.directory });
});

afterAll(async () => {
  await api.close();
  await page.remove();
});

/** As it is on the wire: fetch takes encodings off, and asks past caches where it is told of one. */
async function getRaw(path: string, headers: Record<string, string>) {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  request(`${api.url}${path}`, { headers, agent: false })
    .on('response', resolve)
    .on('error', reject)
    .end();
  const response = await promise;
  return { status: response.statusCode, headers: response.headers, body: await buffer(response) };
}

describe('the page', () => {
  test.each(['/', '/?status=READY', '/?'])(
    '%s is it, with every header that guards it',
    async (url) => {
      const { status, headers, text } = await api.send(url);
      expect({ status, text }).toEqual({ status: 200, text: INDEX });
      expect(Object.fromEntries(headers)).toMatchObject({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
        etag: expect.stringMatching(/^"[\w-]{22}"$/),
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'permissions-policy':
          'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
      });
    },
  );

  test('is asked for again each time, and then not sent again', async () => {
    const etag = (await api.send('/')).headers.get('etag') ?? '';
    const again = await getRaw('/', { 'if-none-match': etag });
    expect(again).toMatchObject({ status: 304, body: Buffer.alloc(0) });
    expect(again.headers['content-security-policy']).toBeDefined();
    expect(again.headers['cache-control']).toBe('no-cache');
    const other = await getRaw('/', { 'if-none-match': '"another"' });
    expect(other).toMatchObject({ status: 200, body: Buffer.from(INDEX) });
  });

  test('only `/` is it', async () => {
    for (const path of ['/index.html', '/anything', '//', '/.stamp', '/gallery']) {
      const { status, json } = await api.send(path);
      expect({ status, json }).toEqual({
        status: 404,
        json: { message: `there is nothing at GET ${path}`, code: 'NOT_FOUND' },
      });
    }
  });
});

describe('an asset', () => {
  test.each([
    [JS, 'text/javascript; charset=utf-8', SCRIPT],
    ['/assets/main-C2_y.css', 'text/css; charset=utf-8', 'body { color: CanvasText }'],
    ['/assets/picture-D3.webp', 'image/webp', 'RIFF'],
  ])('%s stays for ever', async (url, type, body) => {
    const { status, headers, text } = await api.send(url);
    expect({ status, text }).toEqual({ status: 200, text: body });
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': type,
      'cache-control': 'public, max-age=31536000, immutable',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      vary: 'Accept-Encoding',
    });
  });

  test.each([
    ['/favicon.svg', 'image/svg+xml'],
    ['/a%20(1).txt', 'text/plain; charset=utf-8'],
  ])('%s, whose name has no hash, is asked for again', async (url, type) => {
    const { status, headers } = await api.send(url);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe(type);
    expect(headers.get('cache-control')).toBe('no-cache');
  });

  test.each([
    '/assets/main-B1_x.js.br',
    '/assets/main-OLD.js',
    '/assets/MAIN-B1_x.js',
    '/Assets/main-B1_x.js',
    '/assets/main-B1_x.js/',
    '/assets/',
    '/assets/..%2findex.html',
    '/assets/%2e%2e%2f%2e%2e%2fpackage.json',
    '/assets/__proto__',
  ])('%s is none', async (url) => {
    const { status, headers, json } = await api.send(url);
    expect({ status, json }).toEqual({
      status: 404,
      json: { message: `there is nothing at GET ${url}`, code: 'NOT_FOUND' },
    });
    expect(headers.get('cache-control')).toBe('no-store');
  });
});

describe('compression', () => {
  test.each([
    ['gzip, deflate, br, zstd', 'br', brotliDecompressSync],
    ['gzip', 'gzip', gunzipSync],
    ['br;q=0, gzip;q=0.5', 'gzip', gunzipSync],
    ['*', 'br', brotliDecompressSync],
    ['identity', undefined, (body: Buffer) => body],
    ['', undefined, (body: Buffer) => body],
  ])('Accept-Encoding %j gets %j', async (accept, encoding, decode) => {
    const { headers, body } = await getRaw(JS, { 'accept-encoding': accept });
    expect(headers['content-encoding']).toBe(encoding);
    expect(headers['content-length']).toBe(String(body.length));
    expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(headers.vary).toBe('Accept-Encoding');
    expect(decode(body).toString()).toBe(SCRIPT);
  });

  test('each encoding has an ETag of its own', async () => {
    const answers = await Promise.all(
      ['br', 'gzip', 'identity'].map((e) => getRaw(JS, { 'accept-encoding': e })),
    );
    expect(new Set(answers.map(({ headers }) => headers.etag)).size).toBe(3);
  });

  test('what the build has not compressed is sent as it is', async () => {
    const { headers } = await getRaw('/', { 'accept-encoding': 'br, gzip' });
    expect(headers['content-encoding']).toBeUndefined();
  });
});

describe('methods', () => {
  test.each(['/', JS, '/favicon.svg'])('HEAD %s has the headers and no body', async (url) => {
    const [get, head] = [await api.send(url), await api.send(url, { method: 'HEAD' })];
    expect(head).toMatchObject({ status: 200, text: '' });
    for (const name of ['content-length', 'content-type', 'etag', 'cache-control']) {
      expect([name, head.headers.get(name)]).toEqual([name, get.headers.get(name)]);
    }
  });

  test.each(
    ['POST', 'PUT', 'DELETE'].flatMap((method) =>
      ['/', JS, '/favicon.svg'].map((url) => [method, url]),
    ),
  )('%s %s is 405', async (method, url) => {
    const { status, headers, json } = await api.send(url ?? '', { method: method ?? '' });
    expect({ status, json }).toEqual({
      status: 405,
      json: {
        message: `method ${method} is not allowed here; allowed: GET, HEAD`,
        code: 'METHOD_NOT_ALLOWED',
      },
    });
    expect(headers.get('allow')).toBe('GET, HEAD');
  });

  test('of an asset that is none, 404', async () => {
    expect((await api.send('/assets/none.js', { method: 'POST' })).status).toBe(404);
  });
});

describe('beside it', () => {
  test('GraphQL and REST are where they were, and are no pages', async () => {
    const { data } = await api.graphql<{ image: null }>('{ image(id: "none") { id } }');
    expect(data).toEqual({ image: null });
    const { status, headers } = await api.send('/api/health/liveness');
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-security-policy')).toBeNull();
  });
});

describe('without it', () => {
  test('GALLERY_PAGE=false leaves nothing at its paths', async () => {
    const off = await startTestApi({}, { galleryDirectory: page.directory });
    try {
      for (const path of ['/', JS]) {
        expect(await off.send(path)).toMatchObject({
          status: 404,
          json: { message: `there is nothing at GET ${path}`, code: 'NOT_FOUND' },
        });
      }
      expect(off.log.lines.map(({ msg }) => msg)).not.toContain('gallery.not_built');
    } finally {
      await off.close();
    }
  });

  test.each(['an empty directory', 'none'])(
    'not built (%s), `/` and the log say so',
    async (kind) => {
      const empty = await mkdtemp(path.join(os.tmpdir(), 'page-test-'));
      const galleryDirectory = kind === 'none' ? path.join(empty, 'none') : empty;
      const unbuilt = await startTestApi({ GALLERY_PAGE: 'true' }, { galleryDirectory });
      try {
        const answer = await unbuilt.send('/');
        expect(answer).toMatchObject({
          status: 404,
          json: {
            message:
              'the gallery page has not been built; npm run build:gallery builds it for the next start',
            code: 'GALLERY_NOT_BUILT',
          },
        });
        expect(answer.headers.get('cache-control')).toBe('no-store');
        const told = unbuilt.log.lines.filter(({ msg }) => msg === 'gallery.not_built');
        expect(told).toMatchObject([{ level: 'warn', directory: galleryDirectory }]);
      } finally {
        await unbuilt.close();
        await rm(empty, { recursive: true });
      }
    },
  );
});
