import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { type Answer, startTestApi, type TestApi } from '../support/api.ts';
import { watchImages } from '../support/event-stream.ts';
import { eventually } from '../support/eventually.ts';
import { type Metrics, scrape } from '../support/metrics.ts';

const GET_ONE = '/api/image/v1/serve/get-signed-url';
const UNKNOWN_ID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
const OVERLOADED = {
  code: 'OVERLOADED',
  message: 'the service has more to do than it can; try again later',
};
const AS_REST = OVERLOADED;
const AS_GRAPHQL = {
  errors: [{ message: OVERLOADED.message, extensions: { code: OVERLOADED.code } }],
};

interface Block {
  /** Resolves when somebody wants to read or write. */
  isFelt(): Promise<void>;
  lift(): Promise<void>;
}

/** Nobody reads or writes image records until it is lifted. */
async function blockDatabase({ config }: TestApi): Promise<Block> {
  const client = new pg.Client({ connectionString: config.DATABASE_URL });
  await client.connect();
  await client.query('BEGIN; LOCK TABLE image_records IN ACCESS EXCLUSIVE MODE');
  return {
    async isFelt() {
      await eventually(async () => {
        const { rows } = await client.query(
          `SELECT FROM pg_locks WHERE NOT granted AND relation = 'image_records'::regclass
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
        );
        expect(rows).toHaveLength(1);
      });
    },
    async lift() {
      await client.query('ROLLBACK');
      await client.end();
    },
  };
}

async function metricsUrlOf(api: TestApi): Promise<string> {
  const { port } = await api.log.find(({ msg }) => msg === 'metrics.listening');
  return `http://127.0.0.1:${port}/metrics`;
}

describe('an API with one place, which is taken', () => {
  let api: TestApi;
  let metricsUrl: string;
  let unblock: (() => Promise<void>) | undefined;

  beforeAll(async () => {
    api = await startTestApi({
      // Two, so that readiness has one.
      DATABASE_POOL_SIZE: '2',
      API_MAX_IN_FLIGHT: '1',
      METRICS_PORT: '0',
      CORS_ORIGINS: 'https://gallery.example,https://other.example',
    });
    metricsUrl = await metricsUrlOf(api);
    await api.send('/api/health/readiness');
  });

  afterEach(async () => {
    await unblock?.();
    await isIn(0);
  });

  afterAll(() => api.close());

  /** Resolves with the metrics when so many requests are being answered, and so many wait. */
  function isIn(inFlight: number, waiting = 0): Promise<Metrics> {
    return eventually(async () => {
      const metrics = await scrape(metricsUrl);
      const numbers = [
        metrics.get('http_requests_in_flight'),
        metrics.get('http_requests_waiting'),
      ];
      expect(numbers).toEqual([inFlight, waiting]);
      return metrics;
    });
  }

  /** Resolves when a request has the only place; with its answer, which comes after lifting. */
  async function takePlace(signal: AbortSignal | null = null): Promise<{
    answer: Promise<Answer>;
    lift(): Promise<void>;
  }> {
    const { lift } = await blockDatabase(api);
    unblock = async () => {
      unblock = undefined;
      await lift();
    };
    const answer = api.send(`${GET_ONE}/${UNKNOWN_ID}`, { signal });
    answer.catch(() => {});
    await isIn(1);
    return { answer, lift: unblock };
  }

  function expectRefusal({ status, headers }: Answer): void {
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toMatch(/^[123]$/);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  }

  const json = { 'content-type': 'application/json' };
  const query = '{ images(ids: []) { id } }';

  test('refuses in the shape of each interface', async () => {
    await takePlace();
    const requests: [path: string, init: RequestInit, shape: object][] = [
      [`${GET_ONE}/${UNKNOWN_ID}`, {}, AS_REST],
      [`${GET_ONE}s`, { method: 'POST', headers: json, body: '{"image_ids":[]}' }, AS_REST],
      ['/nowhere', {}, AS_REST],
      ['/graphqlish', {}, AS_REST],
      ['/', {}, AS_REST],
      ['/graphql', { method: 'POST', headers: json, body: JSON.stringify({ query }) }, AS_GRAPHQL],
      [`/GraphQL/?query=${encodeURIComponent(query)}`, { headers: json }, AS_GRAPHQL],
      ['/graphql/stream', { headers: { accept: 'text/event-stream' } }, AS_GRAPHQL],
    ];
    const answers = await Promise.all(requests.map(([path, init]) => api.send(path, init)));
    expect(answers.map((answer) => answer.json)).toEqual(requests.map(([, , shape]) => shape));
    answers.forEach(expectRefusal);
  });

  test('refuses a HEAD without a body', async () => {
    await takePlace();
    const answer = await api.send(`${GET_ONE}/${UNKNOWN_ID}`, { method: 'HEAD' });
    expectRefusal(answer);
    expect(answer.text).toBe('');
  });

  test('says which request it was, and lets the pages that may call it read so', async () => {
    await takePlace();
    const send = (headers: Record<string, string>) => api.send('/nowhere', { headers });
    const [named, unfit, foreign] = await Promise.all([
      send({ origin: 'https://other.example', 'x-request-id': 'abc-1' }),
      send({ 'x-request-id': 'white space' }),
      send({ origin: 'https://elsewhere.example' }),
    ]);
    expect(named.headers.get('x-request-id')).toBe('abc-1');
    expect(unfit.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(named.headers.get('access-control-allow-origin')).toBe('https://other.example');
    expect(named.headers.get('access-control-expose-headers')).toContain('Retry-After');
    expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
    expect(foreign.headers.get('vary')).toBe('Origin');
  });

  test('is alive and ready', async () => {
    await takePlace();
    const paths = ['liveness', 'lieveness', 'readiness', 'readiness?deep=1', 'READINESS'];
    for (const path of paths) {
      const { status, json: body } = await api.send(`/api/health/${path}`);
      expect([path, status, body]).toEqual([path, 200, { status: 'ok' }]);
    }
  });

  test('answers whoever has the place, and everybody after, once the block is lifted', async () => {
    const { answer, lift } = await takePlace();
    expectRefusal(await api.send(`${GET_ONE}/${UNKNOWN_ID}`));
    await lift();
    expect((await answer).json).toMatchObject({ code: 'IMAGE_NOT_FOUND' });
    const id = await api.seed.ready();
    const after = await Promise.all(Array.from({ length: 5 }, () => api.send(`${GET_ONE}/${id}`)));
    expect(after.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const { data } = await api.graphql(`{ image(id: "${id}") { id } }`);
    expect(data).toEqual({ image: { id } });
  });

  test('counts its refusals, and tells of them', async () => {
    const shed = (metrics: Metrics) =>
      metrics.get('http_requests_shed_total{reason="waited"}') ?? Number.NaN;
    const before = shed(await isIn(0));
    await takePlace();
    await Promise.all(Array.from({ length: 20 }, () => api.send('/nowhere')));
    expect(shed(await isIn(1))).toBe(before + 20);
    const lines = api.log.lines.filter(({ msg }) => msg === 'load.shed');
    expect(lines[0]).toMatchObject({ level: 'warn', count: 1, inFlight: 1 });
  });

  test('loses no place to those who hang up, waiting or being answered', async () => {
    const holder = new AbortController();
    const { answer, lift } = await takePlace(holder.signal);
    const hangUp = new AbortController();
    const waiting = api.send('/nowhere', { signal: hangUp.signal });
    waiting.catch(() => {});
    hangUp.abort();
    await expect(waiting).rejects.toThrow();
    await isIn(1);
    holder.abort();
    await expect(answer).rejects.toThrow();
    await isIn(0);
    // Their queries come to an end as well: a place given back twice would be one too many.
    await lift();
    await takePlace();
    expectRefusal(await api.send('/nowhere'));
  });

  test('is not held by an open stream', async () => {
    const stream = await watchImages(api, [await api.seed.pending()]);
    await stream.next();
    await isIn(0);
    expect((await api.send('/nowhere')).status).toBe(404);
    stream.close();
  });
});

describe('an API whose every connection is taken for too long', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi({ DATABASE_POOL_SIZE: '1', API_MAX_IN_FLIGHT: '10' });
    await api.send('/api/health/readiness');
  });

  afterAll(() => api.close());

  test('refuses with 503, not as a fault', async () => {
    const { isFelt, lift } = await blockDatabase(api);
    const path = `${GET_ONE}/${UNKNOWN_ID}`;
    const first = api.send(path);
    await isFelt();
    const [rest, graphql] = await Promise.all([
      api.send(path),
      api.graphql(`{ image(id: "${UNKNOWN_ID}") { id } }`),
    ]);
    await lift();
    expect((await first).status).toBe(404);
    expect(rest.status).toBe(503);
    expect(rest.json).toEqual(AS_REST);
    expect(rest.headers.get('retry-after')).toMatch(/^[123]$/);
    expect(graphql.errors).toMatchObject([{ ...AS_GRAPHQL.errors[0], path: ['image'] }]);
    expect(api.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  }, 30_000);
});
