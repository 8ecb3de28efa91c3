import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestApi, type TestApi } from '../support/api.ts';

const CREATE = ['/api/image/v1/ingest', '/api/image/v1/upload'].map(
  (family) => `${family}/create-presigned-url`,
);
const READ = ['/api/image/v1/serve', '/api/image/v1/download'];
const HEALTH = ['liveness', 'lieveness', 'readiness'].map((name) => `/api/health/${name}`);

/** Every documented path with the methods it takes. */
const ROUTES: [path: string, allow: string][] = [
  ...CREATE.map((path): [string, string] => [path, 'POST']),
  ...READ.map((family): [string, string] => [`${family}/get-signed-urls`, 'POST']),
  ...READ.map((family): [string, string] => [`${family}/get-signed-url/abc`, 'GET, HEAD']),
  ...HEALTH.map((path): [string, string] => [path, 'GET, HEAD']),
];

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

const WRONG_METHODS = ROUTES.flatMap(([path, allow]) =>
  METHODS.filter((method) => !allow.split(', ').includes(method)).map(
    (method) => [method, path, allow] as const,
  ),
);

describe('routing', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi();
  });

  afterAll(() => api.close());

  test.each(WRONG_METHODS)('%s %s is 405 and says what is allowed', async (method, path, allow) => {
    const { status, headers, json } = await api.send(path, { method });
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe(allow);
    if (method === 'HEAD') return;
    expect(json).toEqual({
      message: `method ${method} is not allowed here; allowed: ${allow}`,
      code: 'METHOD_NOT_ALLOWED',
    });
  });

  test.each([
    ['POST', '/nowhere', 404],
    ['PUT', CREATE[0] ?? '', 405],
  ])('%s %s with a body that is no JSON is still %i', async (method, path, expected) => {
    const { status } = await api.send(path, { method, body: '{' });
    expect(status).toBe(expected);
  });

  test.each([
    ['GET', '/'],
    ['GET', '/api'],
    ['GET', '/api/image/v1'],
    ['GET', '/api/image/v2/serve/get-signed-url/abc'],
    ['GET', '/api/image/v1/serve/get-signed-url'],
    ['GET', '/api/image/v1/serve/get-signed-url/abc/def'],
    ['POST', '/api/image/v1/ingest'],
    ['POST', '/api/image/v1/serve/create-presigned-url'],
    ['GET', '/api/health'],
    ['GET', '/api/health/alive'],
    ['DELETE', '/favicon.ico'],
    ['GET', '/%2e%2e/%2e%2e/etc/passwd'],
    ['GET', '/__proto__'],
  ])('%s %s is 404', async (method, path) => {
    const { status, json } = await api.send(path, { method });
    expect(status).toBe(404);
    expect(json).toEqual({
      message: `there is nothing at ${method} ${path.replace('/%2e%2e/%2e%2e', '')}`,
      code: 'NOT_FOUND',
    });
  });

  test('the query is no part of the message, which is text and not HTML', async () => {
    const { headers, json } = await api.send('/nowhere?token=abc');
    expect(json).toEqual({ message: 'there is nothing at GET /nowhere', code: 'NOT_FOUND' });
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  });

  test.each(['/%zz', '/%c3%28', '/api/health/%'])('%s is 404, not a fault', async (path) => {
    const { status, json } = await api.send(path);
    expect(status).toBe(404);
    expect(json).toEqual({ message: `there is nothing at GET ${path}`, code: 'NOT_FOUND' });
  });
});

describe('CORS', () => {
  const origin = 'https://www.example.com';

  function preflight(api: TestApi, path: string, from: string) {
    return api.send(path, {
      method: 'OPTIONS',
      headers: {
        origin: from,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-request-id',
      },
    });
  }

  describe('by default', () => {
    let api: TestApi;

    beforeAll(async () => {
      api = await startTestApi();
    });

    afterAll(() => api.close());

    test.each(['/graphql', ...ROUTES.map(([path]) => path)])(
      'a preflight of %s is let through from anywhere',
      async (path) => {
        const { status, headers, text } = await preflight(api, path, origin);
        expect({ status, text }).toEqual({ status: 204, text: '' });
        expect(headers.get('access-control-allow-origin')).toBe('*');
        expect(headers.get('access-control-allow-methods')).toContain('POST');
        expect(headers.get('access-control-allow-headers')).toBe('content-type,x-request-id');
        expect(headers.get('access-control-max-age')).toBe('600');
        expect(headers.get('access-control-allow-credentials')).toBeNull();
      },
    );

    test.each([
      ['success', '/api/health/liveness', 200],
      ['a refusal', '/api/image/v1/serve/get-signed-url/abc', 404],
      ['an unknown route', '/nowhere', 404],
      ['a wrong method', '/api/image/v1/serve/get-signed-urls', 405],
    ])('%s can be read from anywhere', async (_what, path, expected) => {
      const { status, headers } = await api.send(path, { headers: { origin } });
      expect(status).toBe(expected);
      expect(headers.get('access-control-allow-origin')).toBe('*');
      expect(headers.get('access-control-expose-headers')).toBe('x-request-id,Allow,Retry-After');
    });
  });

  describe('with CORS_ORIGINS', () => {
    let api: TestApi;

    beforeAll(async () => {
      api = await startTestApi({ CORS_ORIGINS: `${origin}, http://localhost:3000` });
    });

    afterAll(() => api.close());

    test.each([origin, 'http://localhost:3000'])('%s is let through', async (from) => {
      const { headers } = await preflight(api, '/graphql', from);
      expect(headers.get('access-control-allow-origin')).toBe(from);
      expect(headers.get('vary')).toContain('Origin');
    });

    test.each(['https://evil.example.com', 'http://www.example.com', 'null'])(
      '%s is not',
      async (from) => {
        const { headers } = await preflight(api, '/graphql', from);
        expect(headers.get('access-control-allow-origin')).toBeNull();
      },
    );
  });
});
