import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createClient } from 'graphql-sse';
import { startApi } from '../../src/app/api.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import { apiConfig } from '../support/config.ts';
import {
  type EventStream,
  type ImageNews,
  openEventStream,
  subscriptionTo,
  told,
  watchImages,
} from '../support/event-stream.ts';
import { eventually } from '../support/eventually.ts';
import { captureLog } from '../support/log.ts';
import { type Metrics, scrape } from '../support/metrics.ts';

const MAX_STREAMS = 3;

let api: TestApi;
let metricsUrl: string;
const open: EventStream<ImageNews>[] = [];

beforeAll(async () => {
  api = await startTestApi({
    METRICS_PORT: '0',
    LIVE_MAX_CONNECTIONS: String(MAX_STREAMS),
    LIVE_HEARTBEAT_SECS: '1',
    // A close that waits for it is longer than a test may take.
    SHUTDOWN_TIMEOUT_SECS: '600',
  });
  const { port } = await api.log.find(({ msg }) => msg === 'metrics.listening');
  metricsUrl = `http://127.0.0.1:${port}/metrics`;
});

afterEach(async () => {
  for (const stream of open.splice(0)) stream.close();
  await streamsAre(0);
});

afterAll(() => api.close());

async function watch(ids: readonly string[]): Promise<EventStream<ImageNews>> {
  const stream = await watchImages(api, ids);
  open.push(stream);
  return stream;
}

/** Resolves with the metrics when this many streams are open. */
function streamsAre(count: number): Promise<Metrics> {
  return eventually(async () => {
    const metrics = await scrape(metricsUrl);
    expect(metrics.get('media_live_streams')).toBe(count);
    return metrics;
  });
}

/** An API process of its own on the same database. */
async function startSecondApi() {
  const { logger } = captureLog();
  const { DATABASE_URL, SHUTDOWN_TIMEOUT_SECS } = api.config;
  const second = await startApi(
    apiConfig({ DATABASE_URL, SHUTDOWN_TIMEOUT_SECS: String(SHUTDOWN_TIMEOUT_SECS) }),
    { logger },
  );
  return { close: second.close, url: `http://127.0.0.1:${second.port}` };
}

describe('a stream', () => {
  test('on which nothing happens has heartbeats', async () => {
    const stream = await watch([await api.seed.pending()]);
    await stream.next();
    const before = stream.text();
    // Two or more: on a busy machine several come at once.
    await stream.textMatches(new RegExp(`^[^]{${before.length}}(:\n\n){2,}$`));
  });

  test.each(['/graphql/stream', '/graphql'])('%s: one too many is refused', async (path) => {
    const id = await api.seed.pending();
    const [first] = await Promise.all(Array.from({ length: MAX_STREAMS }, () => watch([id])));
    const { status, headers, json } = await api.send(path, subscriptionTo([id]));
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('5');
    expect(json).toEqual({
      errors: [
        {
          message: 'too many streams are open; try again later',
          extensions: { code: 'TOO_MANY_STREAMS' },
        },
      ],
    });
    const { data } = await api.graphql('{ __typename }');
    expect(data).toEqual({ __typename: 'Query' });

    first?.close();
    await streamsAre(MAX_STREAMS - 1);
    const another = await watch([id]);
    expect(told(await another.next())).toBe(`${id} PENDING`);
  });

  test('a place is free again after every end and refusal', async () => {
    const id = await api.seed.ready();
    for (let round = 0; round < MAX_STREAMS + 1; round += 1) {
      expect((await (await watch([id])).rest()).map(told)).toEqual([`${id} READY`, 'complete']);
      expect((await (await watch([])).rest()).map(told)).toEqual(['EMPTY_ID_LIST', 'complete']);
      expect((await api.post('/graphql/stream', {})).status).toBe(400);
    }
  });

  test('is measured up to its opening, and told at opening and end', async () => {
    const opened = (metrics: Metrics) =>
      metrics.get(
        'http_request_duration_seconds_count{method="POST",route="/graphql/stream",status="2xx"}',
      ) ?? 0;
    const before = await scrape(metricsUrl);
    const id = await api.seed.pending();
    const stream = await openEventStream<ImageNews>(`${api.url}/graphql/stream`, {
      ...subscriptionTo([id]),
      headers: { ...subscriptionTo([id]).headers, 'x-request-id': 'watcher-1' },
    });
    open.push(stream);
    await stream.next();
    const during = await scrape(metricsUrl);
    expect(opened(during)).toBe(opened(before) + 1);
    for (const [series, added] of [
      ['media_live_streams', 1],
      ['media_live_events_total', 1],
      ['media_live_streams_refused_total', 0],
      ['graphql_operations_total{type="subscription",outcome="ok"}', 1],
      ['graphql_operations_total{type="subscription",outcome="error"}', 0],
    ] as const) {
      expect([series, during.get(series)]).toEqual([series, (before.get(series) ?? 0) + added]);
    }
    const line = { requestId: 'watcher-1' };
    expect(api.log.lines).toContainEqual(
      expect.objectContaining({ ...line, msg: 'stream.opened' }),
    );
    stream.close();
    const end = await api.log.find(
      ({ msg, requestId }) => msg === 'http.request' && requestId === 'watcher-1',
    );
    expect(end).toMatchObject({ path: '/graphql/stream', status: 200, aborted: true });
    const after = await streamsAre(0);
    const series = [...after.keys()].filter((key) => key.includes('route="/graphql/stream"'));
    expect(series.filter((key) => key.includes('aborted'))).toEqual([]);
    expect(opened(after)).toBe(opened(during));
  });
});

describe('at shutdown', () => {
  test('streams end at once, and without complete', async () => {
    const second = await startSecondApi();
    const stream = await watchImages(second, [await api.seed.pending()]);
    await stream.next();
    await second.close();
    expect(await stream.rest()).toEqual([]);
  });

  test('a client goes on at another process, and misses nothing', async () => {
    const second = await startSecondApi();
    const id = await api.seed.pending();
    let { url } = second;
    const client = createClient({
      url: () => `${url}/graphql/stream`,
      retry: () => Promise.resolve(),
    });
    const query = 'subscription ($ids: [ID!]!) { imageStatusChanged(ids: $ids) { status } }';
    const news = client.iterate({ query, variables: { ids: [id] } });
    const statuses: string[] = [];
    let settled: Promise<unknown> | undefined;
    for await (const { data } of news) {
      statuses.push(String(Object(data?.imageStatusChanged).status));
      settled ??= second.close().then(() => api.seed.settle(id));
      url = api.url;
    }
    await settled;
    client.dispose();
    // The other process tells the first state again, if it is asked before the image is settled.
    expect(['PENDING READY', 'PENDING PENDING READY']).toContain(statuses.join(' '));
  });
});
