import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { ApolloServer } from '@apollo/server';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startApi } from '../../src/app/api.ts';
import { countOperations } from '../../src/app/graphql-metrics.ts';
import type { RequestContext } from '../../src/shared/request-context.ts';
import { createTelemetry } from '../../src/shared/telemetry/telemetry.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { apiConfig } from '../support/config.ts';
import { captureLog } from '../support/log.ts';
import { type Metrics, metricsOf, scrape } from '../support/metrics.ts';

const GET_ONE = '/api/image/v1/serve/get-signed-url';

let api: TestApi;
let operationsUrl: string;

beforeAll(async () => {
  api = await startTestApi({ METRICS_PORT: '0' });
  const { port } = await api.log.find(({ msg }) => msg === 'metrics.listening');
  operationsUrl = `http://127.0.0.1:${port}`;
});

afterAll(() => api.close());

/** What `act` adds to the series, once every one of its requests is over. */
async function added(act: () => Promise<unknown>, requests = 1): Promise<Metrics> {
  const before = await scrape(`${operationsUrl}/metrics`);
  const isRequest = ({ msg }: { msg: string }) => msg === 'http.request';
  const seen = api.log.lines.filter(isRequest).length;
  await act();
  await api.log.find(() => api.log.lines.filter(isRequest).length >= seen + requests);
  const after = await scrape(`${operationsUrl}/metrics`);
  return new Map(
    [...after]
      .map(([key, value]): [string, number] => [key, value - (before.get(key) ?? 0)])
      .filter(([, difference]) => difference !== 0),
  );
}

/** `method route status` of each request that was measured. */
function requestsIn(metrics: Metrics): string[] {
  return [...metrics].flatMap(([key, count]) => {
    const labels = /^http_request_duration_seconds_count\{(.*)\}$/.exec(key)?.[1];
    const values = labels?.match(/(?<==")[^"]*/g)?.join(' ');
    return values === undefined ? [] : Array<string>(count).fill(values);
  });
}

describe('GET /metrics', () => {
  test('is Prometheus text, with the process’s own metrics', async () => {
    const response = await fetch(`${operationsUrl}/metrics`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const text = await response.text();
    expect(text).toMatch(/^# TYPE http_request_duration_seconds histogram$/m);
    const metrics = await scrape(`${operationsUrl}/metrics`);
    expect(metrics.get('process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
    expect(metrics.get('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0);
  });

  test.each(['/metrics', '/api/metrics', '/health/liveness'])(
    'nothing of it is on the public port: %s',
    async (path) => {
      expect((await api.send(path)).status).toBe(404);
    },
  );

  test.each([
    ['GET', '/', 404, 'NOT_FOUND'],
    ['GET', '/graphql', 404, 'NOT_FOUND'],
    ['GET', '/health/liveness', 404, 'NOT_FOUND'],
    ['POST', '/metrics', 405, 'METHOD_NOT_ALLOWED'],
    ['GET', '/%zz', 404, 'NOT_FOUND'],
  ])('its port has nothing else: %s %s', async (method, path, status, code) => {
    const response = await fetch(`${operationsUrl}${path}`, { method });
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ message: expect.any(String), code });
  });

  test('is not among the requests that it measures', async () => {
    await fetch(`${operationsUrl}/metrics`);
    expect(requestsIn(await scrape(`${operationsUrl}/metrics`)).join()).not.toContain('/metrics');
  });
});

describe('requests', () => {
  const id = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
  const post = (body: string) => ({
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  });

  test.each<[string, string, RequestInit]>([
    [`${GET_ONE}/${id}?x=1`, `GET ${GET_ONE}/:imageId 4xx`, {}],
    [`${GET_ONE}/abc/`, `GET ${GET_ONE}/:imageId 4xx`, {}],
    [`${GET_ONE.toUpperCase()}/${id}`, `GET ${GET_ONE}/:imageId 4xx`, {}],
    [`${GET_ONE}/a%2Fb`, `GET ${GET_ONE}/:imageId 4xx`, {}],
    [
      '/api/image/v1/download/get-signed-urls',
      'PUT /api/image/v1/download/get-signed-urls 4xx',
      { method: 'PUT' },
    ],
    ['/api/health/liveness', 'GET /api/health/liveness 2xx', {}],
    ['/api/health/lieveness', 'GET /api/health/liveness 2xx', {}],
    ['/API/Health/Readiness', 'GET /api/health/readiness 2xx', {}],
    ['/graphql', 'POST /graphql 2xx', post('{"query":"{ __typename }"}')],
    ['/GraphQL/', 'POST /graphql 4xx', post('{')],
    ['/graphql', 'OPTIONS unmatched 2xx', { method: 'OPTIONS' }],
    [`/made/up/${id}`, 'GET unmatched 4xx', {}],
    [`${GET_ONE}/${id}/more`, 'GET unmatched 4xx', {}],
    ['/%zz', 'GET unmatched 4xx', {}],
    ['/health', 'PROPFIND unmatched 4xx', { method: 'PROPFIND' }],
  ])('%s is measured as %s', async (path, expected, init) => {
    const label = expected.replace('PROPFIND', 'other');
    expect(requestsIn(await added(() => api.send(path, init)))).toEqual([label]);
  });

  test('whose caller hung up have no status', async () => {
    const metrics = await added(async () => {
      const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
      socket.end(
        'POST /api/image/v1/serve/get-signed-urls HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{',
      );
      socket.resume();
      await once(socket, 'close');
    });
    expect(requestsIn(metrics)).toEqual(['POST /api/image/v1/serve/get-signed-urls aborted']);
  });
});

describe('ingest URLs', () => {
  const created = (contentType: string, via: string) =>
    `media_ingest_urls_created_total{content_type="${contentType}",via="${via}"}`;

  test('are counted and logged when they were given', async () => {
    const metrics = await added(async () => {
      const { json } = await api.post('/api/image/v1/ingest/create-presigned-url', {
        content_type: 'image/webp',
        file_name: 'secret-name.webp',
      });
      const { image_id: imageId } = json as { image_id: string };
      const line = await api.log.find(({ msg }) => msg === 'ingest.url_created');
      expect(line).toMatchObject({ imageId, contentType: 'image/webp', via: 'put', level: 'info' });
      expect(JSON.stringify(line)).not.toMatch(/secret|http|Signature|ingest\//);
    });
    expect(metrics.get(created('image/webp', 'put'))).toBe(1);
  });

  test('and forms are told apart', async () => {
    const metrics = await added(() =>
      api.graphql(
        'mutation { createImageIngestForm(input: {contentType: "image/gif", fileName: "a.gif"}) { image { id } } }',
      ),
    );
    expect(metrics.get(created('image/gif', 'form'))).toBe(1);
    expect(metrics.get(created('image/gif', 'put'))).toBeUndefined();
  });

  test('that were refused are not', async () => {
    const metrics = await added(() =>
      api.post('/api/image/v1/ingest/create-presigned-url', {
        content_type: 'image/svg+xml',
        file_name: 'a.svg',
      }),
    );
    expect([...metrics.keys()].filter((key) => key.startsWith('media_'))).toEqual([]);
  });
});

test('GraphQL operations are counted by type', async () => {
  const telemetry = createTelemetry();
  const server = new ApolloServer<RequestContext>({
    typeDefs: 'type Query { ok: Boolean, fault: Boolean } type Mutation { ok: Boolean }',
    resolvers: {
      Query: {
        fault: () => {
          throw new Error('fault');
        },
      },
    },
    plugins: [countOperations(telemetry)],
    stopOnTerminationSignals: false,
  });
  const contextValue = {} as RequestContext;
  for (const query of ['{ ok }', 'mutation { ok }', '{ fault }', '{ nowhere }', '{', '{ ok }']) {
    await server.executeOperation({ query }, { contextValue });
  }
  await server.stop();
  const metrics = await metricsOf(telemetry);
  const count = (labels: string) => metrics.get(`graphql_operations_total{${labels}}`);
  expect(count('type="query",outcome="ok"')).toBe(2);
  expect(count('type="query",outcome="error"')).toBe(1);
  expect(count('type="mutation",outcome="ok"')).toBe(1);
  expect(count('type="invalid",outcome="error"')).toBe(2);
});

test('the API counts its GraphQL operations', async () => {
  const metrics = await added(async () => {
    await api.graphql('{ __typename }');
    await api.graphql('mutation { nowhere }');
  }, 2);
  expect(metrics.get('graphql_operations_total{type="query",outcome="ok"}')).toBe(1);
  expect(metrics.get('graphql_operations_total{type="invalid",outcome="error"}')).toBe(1);
});

describe('METRICS_PORT', () => {
  test.each([undefined, 'off'])('%s: no port is opened', async (METRICS_PORT) => {
    const { logger, lines } = captureLog();
    const quiet = await startApi(apiConfig({ METRICS_PORT }), { logger });
    expect(quiet.metricsPort).toBeNull();
    expect(lines.map(({ msg }) => msg)).toEqual(['api.listening']);
    await quiet.close();
  });

  test('that is taken: the start fails, says where, and leaves nothing behind', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as AddressInfo;
    const { logger } = captureLog();
    const start = (environment: object) => startApi(apiConfig({ ...environment }), { logger });
    try {
      await expect(start({ METRICS_PORT: String(port) })).rejects.toThrow(
        `METRICS_PORT: cannot listen on 127.0.0.1:${port}, somebody else listens there`,
      );
      await expect(start({ PORT: String(port), METRICS_PORT: '0' })).rejects.toThrow('EADDRINUSE');
    } finally {
      squatter.close();
      await once(squatter, 'close');
    }
  });

  test('is no port number: the configuration says so', () => {
    expect(() => apiConfig({ METRICS_PORT: '99999' })).toThrow(
      'METRICS_PORT must be off or a whole number from 0 to 65535',
    );
  });
});
