import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { JSON_HEADERS, startTestApi, type TestApi } from '../support/api.ts';

const TYPENAME = JSON.stringify({ query: '{ __typename }' });
const ANSWER = { data: { __typename: 'Query' } };

describe.each(['production', 'development'])('GraphQL over HTTP, in %s', (NODE_ENV) => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi({ NODE_ENV });
  });

  afterAll(() => api.close());

  function post(body: string, headers: Record<string, string> = JSON_HEADERS) {
    return api.send('/graphql', { method: 'POST', headers, body });
  }

  test('POST is the usual way', async () => {
    const { status, json, headers } = await post(TYPENAME);
    expect({ status, json }).toEqual({ status: 200, json: ANSWER });
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-type')).toContain('application/json');
  });

  test('GET works for queries, with a header that a foreign page cannot send', async () => {
    const { status, json } = await api.send('/graphql?query={__typename}', {
      headers: { 'apollo-require-preflight': 'true' },
    });
    expect({ status, json }).toEqual({ status: 200, json: ANSWER });
  });

  test('GET does not work for mutations', async () => {
    const query = encodeURIComponent(
      'mutation { createImageIngestUrl(input: {contentType: "image/png", fileName: "a"}) { uploadUrl } }',
    );
    const { status, headers } = await api.send(`/graphql?query=${query}`, {
      headers: { 'apollo-require-preflight': 'true' },
    });
    expect(status).toBe(405);
    expect(headers.get('allow')).toBe('POST');
    expect(await api.seed.count()).toBe(0);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'what a foreign page could send is refused: %s',
    async (type) => {
      const refused = await post(TYPENAME, { 'content-type': type });
      expect(refused.status).toBe(400);
      expect(refused.json).toEqual({
        errors: [{ message: expect.stringContaining('CSRF'), extensions: { code: 'BAD_REQUEST' } }],
      });
      const allowed = await post(TYPENAME, {
        'content-type': type,
        'x-apollo-operation-name': 'x',
      });
      expect({ status: allowed.status, json: allowed.json }).toEqual({ status: 200, json: ANSWER });
    },
  );

  test('GET without such a header is refused too', async () => {
    const { status, json } = await api.send('/graphql?query={__typename}');
    expect(status).toBe(400);
    expect(json).toMatchObject({ errors: [{ message: expect.stringContaining('CSRF') }] });
  });

  test.each(['{', 'query { __typename }', '"text"', 'null'])(
    'malformed JSON comes back in the error shape of GraphQL: %j',
    async (body) => {
      const { status, json } = await post(body);
      expect(status).toBe(400);
      expect(json).toEqual({
        errors: [
          { message: 'the request body is not valid JSON', extensions: { code: 'MALFORMED_JSON' } },
        ],
      });
    },
  );

  test('so does a body that is too large', async () => {
    const { status, json } = await post(JSON.stringify({ query: `#${'x'.repeat(200_000)}` }));
    expect(status).toBe(413);
    expect(json).toEqual({
      errors: [
        { message: 'the request body is too large', extensions: { code: 'PAYLOAD_TOO_LARGE' } },
      ],
    });
  });

  test.each([
    ['{}', 'BAD_REQUEST'],
    ['', 'BAD_REQUEST'],
    ['{"query": 5}', 'BAD_REQUEST'],
    ['{"query": ""}', 'BAD_REQUEST'],
    ['{"query": "{ __typename }", "variables": "x"}', 'BAD_REQUEST'],
    [`[${TYPENAME},${TYPENAME}]`, 'BAD_REQUEST'],
    ['{"query": "query A { __typename } query B { __typename }"}', 'OPERATION_RESOLUTION_FAILURE'],
    ['{"query": "{"}', 'GRAPHQL_PARSE_FAILED'],
    ['{"query": "{ nothing }"}', 'GRAPHQL_VALIDATION_FAILED'],
  ])('%s is refused as %s', async (body, code) => {
    const { status, json, text } = await post(body);
    expect(status).toBe(400);
    expect(json).toMatchObject({ errors: [{ message: expect.any(String), extensions: { code } }] });
    expect(text).not.toMatch(/stacktrace|node_modules|\.js:/);
  });

  test('subscriptions are not answered with JSON, and told where they are', async () => {
    const { status, errors } = await api.graphql(
      'subscription { imageStatusChanged(ids: ["x"]) { id } }',
    );
    expect(status).toBe(400);
    expect(errors).toMatchObject([
      {
        message: 'subscriptions are answered with text/event-stream, at /graphql/stream',
        extensions: { code: 'WRONG_TRANSPORT' },
      },
    ]);
  });

  test('an operation of too many tokens is refused before it is understood', async () => {
    const tooMany = await api.graphql(`{ ${'a '.repeat(20_000)} }`);
    expect(tooMany.status).toBe(400);
    expect(tooMany.errors).toMatchObject([
      {
        message: expect.stringContaining('10000 tokens'),
        extensions: { code: 'GRAPHQL_PARSE_FAILED' },
      },
    ]);
  });

  test('fragments that unfold into millions of fields are refused', async () => {
    const fragments = Array.from(
      { length: 30 },
      (_, index) => `fragment F${index} on Query { ...F${index + 1} ... { ...F${index + 1} } }`,
    );
    const query = `{ ...F0 } ${fragments.join(' ')} fragment F30 on Query { __typename }`;
    const { status, errors } = await api.graphql(query);
    expect(status).toBe(400);
    expect(errors[0]?.message).toMatch(/recursively requests too many selections/);
  });
});

describe('the landing page', () => {
  async function landingPage(NODE_ENV: string) {
    const api = await startTestApi({ NODE_ENV });
    try {
      return await api.send('/graphql', { headers: { accept: 'text/html' } });
    } finally {
      await api.close();
    }
  }

  test('greets browsers outside production', async () => {
    const { status, headers, text } = await landingPage('development');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toContain('text/html');
    expect(text).toMatch(/<!DOCTYPE html>/i);
  });

  test('is not there in production', async () => {
    const { status, headers, text } = await landingPage('production');
    expect(status).toBe(400);
    expect(headers.get('content-type')).toContain('application/json');
    expect(text).not.toMatch(/<html/i);
  });
});
