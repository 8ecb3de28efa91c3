import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newImageId } from '../../src/shared/image-ids.ts';
import { JSON_HEADERS, startTestApi, type TestApi } from '../support/api.ts';
import { type ImageNews, openEventStream, subscriptionTo, told } from '../support/event-stream.ts';

const MAX_IDS = 3;
const WATCH = 'imageStatusChanged(ids: ["x"])';

let api: TestApi;

beforeAll(async () => {
  api = await startTestApi({ LIVE_MAX_IDS: String(MAX_IDS) });
});

afterAll(() => api.close());

async function eventsOf(body: object, path = '/graphql/stream') {
  const init = { ...subscriptionTo([]), body: JSON.stringify(body) };
  const stream = await openEventStream<ImageNews>(`${api.url}${path}`, init);
  expect(stream.status).toBe(200);
  return stream.rest();
}

describe('what is wrong with an operation is told on the stream, which then ends', () => {
  test.each([
    ['no GraphQL', 'subscription {', 'GRAPHQL_PARSE_FAILED'],
    ['too long', `subscription { ${'a '.repeat(20_000)} }`, 'GRAPHQL_PARSE_FAILED'],
    ['a field that there is not', 'subscription { nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ['no ids', 'subscription { imageStatusChanged { id } }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'two subscriptions at once',
      `subscription { a: ${WATCH} { id } b: ${WATCH} { id } }`,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['introspection', 'subscription { __schema { types { name } } }', 'GRAPHQL_VALIDATION_FAILED'],
    [
      'a variable that is missing',
      'subscription ($ids: [ID!]!) { imageStatusChanged(ids: $ids) { id } }',
      'BAD_USER_INPUT',
    ],
    ['a query', '{ image(id: "x") { id } }', 'WRONG_TRANSPORT'],
    ['no ids at all', 'subscription { imageStatusChanged(ids: []) { id } }', 'EMPTY_ID_LIST'],
  ])('%s', async (_name, query, code) => {
    expect((await eventsOf({ query })).map(told)).toEqual([code, 'complete']);
  });

  test('fragments that unfold into millions of fields', async () => {
    const fragments = Array.from(
      { length: 25 },
      (_, n) => `fragment F${n} on Image { ...F${n + 1} ...F${n + 1} }`,
    );
    const query = `subscription { ${WATCH} { ...F0 } } ${fragments.join(' ')} fragment F25 on Image { id }`;
    expect((await eventsOf({ query })).map(told)).toEqual([
      'GRAPHQL_VALIDATION_FAILED',
      'complete',
    ]);
  });

  test('too many ids, duplicates counted', async () => {
    const stream = await openEventStream<ImageNews>(
      `${api.url}/graphql/stream`,
      subscriptionTo(Array<string>(MAX_IDS + 1).fill(newImageId())),
    );
    expect(await stream.rest()).toEqual([
      {
        event: 'next',
        data: {
          data: null,
          errors: [
            {
              message: 'at most 3 ids are allowed',
              locations: [{ line: 2, column: 3 }],
              path: ['imageStatusChanged'],
              extensions: { code: 'TOO_MANY_IDS', field: 'ids' },
            },
          ],
        },
      },
      { event: 'complete', data: null },
    ]);
  });

  test('an operation name that there is not', async () => {
    const query = `subscription A { ${WATCH} { id } } subscription B { ${WATCH} { id } }`;
    const [event] = await eventsOf({ query, operationName: 'C' });
    expect(event?.data?.errors).toMatchObject([{ message: 'Unknown operation named "C".' }]);
    expect((await eventsOf({ query, operationName: 'B' })).map(told)).toEqual(['complete']);
  });

  test('a misspelt name, without telling the right one', async () => {
    const [event] = await eventsOf({ query: 'subscription { imageStatusChange { id } }' });
    expect(event?.data?.errors).toMatchObject([{ message: expect.not.stringMatching(/mean/) }]);
  });

  test.each(['/graphql', '/graphql/stream'])('a mutation, which is not run: %s', async (path) => {
    const before = await api.seed.count();
    const query = `mutation {
      createImageIngestUrl(input: { contentType: "image/png", fileName: "a" }) { uploadUrl }
    }`;
    const [event, ...others] = await eventsOf({ query }, path);
    expect(event?.data?.errors).toMatchObject([
      {
        message: 'a mutation is answered with JSON, at /graphql',
        extensions: { code: 'WRONG_TRANSPORT' },
      },
    ]);
    expect(others.map(told)).toEqual(['complete']);
    expect(await api.seed.count()).toBe(before);
  });
});

describe('what is wrong with a request is its status', () => {
  const body = JSON.stringify({ query: `subscription { ${WATCH} { id } }` });

  test.each<[string, RequestInit, number, string, string]>([
    ['no JSON', { body: '{"query":' }, 400, 'MALFORMED_JSON', 'not valid JSON'],
    ['no body', {}, 400, 'BAD_REQUEST', 'Missing query'],
    ['no query', { body: '{}' }, 400, 'BAD_REQUEST', 'Missing query'],
    ['a list', { body: `[${body}]` }, 400, 'BAD_REQUEST', 'Missing query'],
    ['a query that is a number', { body: '{"query":1}' }, 400, 'BAD_REQUEST', 'Invalid query'],
    [
      'variables that are a list',
      { body: '{"query":"{a}","variables":[1]}' },
      400,
      'BAD_REQUEST',
      'Invalid variables',
    ],
    ['too large', { body: `"${'a'.repeat(200_000)}"` }, 413, 'PAYLOAD_TOO_LARGE', 'too large'],
    ['PUT', { method: 'PUT' }, 405, 'METHOD_NOT_ALLOWED', 'allowed: GET, POST'],
    ['DELETE', { method: 'DELETE' }, 405, 'METHOD_NOT_ALLOWED', 'allowed: GET, POST'],
    [
      'who takes JSON only',
      { body, headers: { ...JSON_HEADERS, accept: 'application/json' } },
      406,
      'NOT_ACCEPTABLE',
      'text/event-stream',
    ],
    // A page could send these to any site without asking it first.
    ...['text/plain', 'text/plain; application/json', 'application/x-www-form-urlencoded'].map(
      (type): [string, RequestInit, number, string, string] => [
        type,
        { body, headers: { 'content-type': type } },
        415,
        'UNSUPPORTED_MEDIA_TYPE',
        'content-type: application/json',
      ],
    ),
  ])('%s', async (_name, init, status, code, words) => {
    const answer = await api.send('/graphql/stream', {
      method: 'POST',
      headers: JSON_HEADERS,
      ...init,
    });
    expect(answer.status).toBe(status);
    expect(answer.json).toEqual({
      errors: [{ message: expect.stringContaining(words), extensions: { code } }],
    });
    if (status === 405) expect(answer.headers.get('allow')).toBe('GET, POST');
  });

  test.each(['variables=%7B', ''])('GET with ?%s', async (parameters) => {
    const { status, json } = await api.send(`/graphql/stream?${parameters}`);
    expect(status).toBe(400);
    expect(json).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  });
});
