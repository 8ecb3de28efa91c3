import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, fetchExchange } from '@urql/core';
import { createClient } from 'graphql-sse';
import { newImageId } from '../../src/shared/image-ids.ts';
import { startTestApi, type TestApi } from '../support/api.ts';
import {
  type EventStream,
  type ImageNews,
  openEventStream,
  subscriptionTo,
  told,
  watchImages,
} from '../support/event-stream.ts';

let api: TestApi;
const open: EventStream<ImageNews>[] = [];

beforeAll(async () => {
  api = await startTestApi();
});

afterEach(() => {
  for (const stream of open.splice(0)) stream.close();
});

afterAll(() => api.close());

async function watch(ids: readonly string[]): Promise<EventStream<ImageNews>> {
  const stream = await watchImages(api, ids);
  open.push(stream);
  return stream;
}

/** What comes for one request, from its first event to the end. */
async function answerTo(init: RequestInit, path = '/graphql/stream') {
  const stream = await openEventStream<ImageNews>(`${api.url}${path}`, init);
  open.push(stream);
  return stream.rest();
}

describe('imageStatusChanged', () => {
  test('tells the state as it is, also when the change came first, and ends', async () => {
    const ready = await api.seed.ready();
    const failed = await api.seed.failed('UNDECODABLE');
    const events = await (await watch([ready, failed])).rest();
    expect(events).toEqual([
      {
        event: 'next',
        data: {
          data: {
            imageStatusChanged: {
              id: ready,
              status: 'READY',
              failureReason: null,
              access: { downloadUrl: expect.stringContaining(`ingest/${ready}?`) },
            },
          },
        },
      },
      {
        event: 'next',
        data: {
          data: {
            imageStatusChanged: {
              id: failed,
              status: 'FAILED',
              failureReason: 'UNDECODABLE',
              access: null,
            },
          },
        },
      },
      { event: 'complete', data: null },
    ]);
  });

  test('tells each change, and ends after the last', async () => {
    const [first, second] = [await api.seed.pending(), await api.seed.pending()];
    const stream = await watch([first, second]);
    expect(told(await stream.next())).toBe(`${first} PENDING`);
    expect(told(await stream.next())).toBe(`${second} PENDING`);
    await api.seed.settle(second, 'UNDECODABLE');
    expect(told(await stream.next())).toBe(`${second} FAILED`);
    await api.seed.settle(first);
    const { data } = await stream.next();
    expect(data?.data?.imageStatusChanged).toMatchObject({
      id: first,
      status: 'READY',
      access: { downloadUrl: expect.stringContaining(first) },
    });
    expect((await stream.rest()).map(told)).toEqual(['complete']);
  });

  test('an image that is deleted meanwhile is watched no more', async () => {
    const [gone, stays] = [await api.seed.pending(), await api.seed.pending()];
    const stream = await watch([gone, stays]);
    await stream.next();
    await stream.next();
    await api.graphql('mutation ($ids: [ID!]!) { deleteImages(ids: $ids) { deletedIds } }', {
      ids: [gone],
    });
    await api.seed.settle(stays);
    expect((await stream.rest()).map(told)).toEqual([`${stays} READY`, 'complete']);
  });

  test('a stream whose last image is deleted ends', async () => {
    const gone = await api.seed.pending();
    const stream = await watch([gone]);
    await stream.next();
    await api.graphql('mutation ($ids: [ID!]!) { deleteImages(ids: $ids) { deletedIds } }', {
      ids: [gone],
    });
    expect((await stream.rest()).map(told)).toEqual(['complete']);
  });

  test('an id that is there twice is told once; unknown ones are simply not there', async () => {
    const id = await api.seed.ready();
    const stream = await watch([newImageId(), id, 'no ulid', id, id.toLowerCase(), '']);
    expect((await stream.rest()).map(told)).toEqual([`${id} READY`, 'complete']);
  });

  test('where there is nothing to watch, it ends', async () => {
    expect((await (await watch([newImageId(), 'x'])).rest()).map(told)).toEqual(['complete']);
  });

  test('five streams of the same twenty images cost a query each at most', async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => api.seed.ready()));
    const first = await watch([await api.seed.pending()]);
    await first.next();
    api.queries.length = 0;
    const streams = await Promise.all(Array.from({ length: 5 }, () => watch(ids)));
    for (const stream of streams) expect(await stream.rest()).toHaveLength(21);
    expect(api.queries.length).toBeLessThanOrEqual(5);
  });
});

describe('the answer', () => {
  test('has the headers of a stream that nobody keeps or collects on the way', async () => {
    const { status, headers } = await watch([await api.seed.pending()]);
    expect(status).toBe(200);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'x-request-id': expect.any(String),
      'access-control-allow-origin': '*',
      connection: 'close',
    });
    expect(headers.has('content-encoding')).toBe(false);
  });

  test('GET does the same, as an EventSource asks', async () => {
    const id = await api.seed.ready();
    const query = 'subscription ($ids: [ID!]!) { imageStatusChanged(ids: $ids) { id status } }';
    const parameters = new URLSearchParams({ query, variables: JSON.stringify({ ids: [id] }) });
    const accept = { headers: { accept: 'text/event-stream' } };
    const events = await answerTo(accept, `/graphql/stream?${parameters}`);
    expect(events.map(told)).toEqual([`${id} READY`, 'complete']);
  });

  test('/graphql does the same for those who ask for nothing else', async () => {
    const id = await api.seed.ready();
    const events = await answerTo(subscriptionTo([id]), '/graphql');
    expect(events.map(told)).toEqual([`${id} READY`, 'complete']);
  });

  test('whoever would take JSON as well gets it from /graphql', async () => {
    const { status, headers } = await api.send('/graphql', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json, application/json, text/event-stream',
      },
      body: '{"query": "{ __typename }"}',
    });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toContain('json');
  });
});

describe('clients', () => {
  test('graphql-sse: iterate', async () => {
    const id = await api.seed.pending();
    const client = createClient({ url: `${api.url}/graphql/stream`, retryAttempts: 0 });
    const query = 'subscription ($ids: [ID!]!) { imageStatusChanged(ids: $ids) { status } }';
    const statuses: unknown[] = [];
    for await (const { data } of client.iterate({ query, variables: { ids: [id] } })) {
      statuses.push(data?.imageStatusChanged);
      if (statuses.length === 1) await api.seed.settle(id);
    }
    expect(statuses).toEqual([{ status: 'PENDING' }, { status: 'READY' }]);
    client.dispose();
  });

  test('urql, with nothing but the URL of /graphql', async () => {
    const id = await api.seed.ready();
    const client = new Client({
      url: `${api.url}/graphql`,
      exchanges: [fetchExchange],
      fetchSubscriptions: true,
      preferGetMethod: false,
    });
    const query = 'subscription ($ids: [ID!]!) { imageStatusChanged(ids: $ids) { id status } }';
    const answer = await client.subscription(query, { ids: [id] }).toPromise();
    expect(answer.error).toBeUndefined();
    expect(answer.data).toEqual({ imageStatusChanged: { id, status: 'READY' } });
    const one = await client.query('query ($id: ID!) { image(id: $id) { id } }', { id });
    expect(one.data).toEqual({ image: { id } });
  });
});
