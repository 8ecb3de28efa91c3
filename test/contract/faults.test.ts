import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Answer, startTestApi, type TestApi } from '../support/api.ts';

const ID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';

/** What no caller may learn from a fault: code, SQL, names of things inside, credentials. */
const INSIDE =
  /stack|node_modules|\.ts\b|\bat \w|prisma|postgres|database|SELECT|INSERT|image_records|test_[0-9a-f]+|secret-bucket|ECONN|127\.0\.0\.1/i;

describe.each(['production', 'development'])('a fault inside, in %s', (NODE_ENV) => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi({ NODE_ENV });
    await api.send('/api/health/readiness');
    await api.loseDatabase();
  });

  afterAll(() => api.close());

  function expectNothingLeaked({ text, headers }: Answer): void {
    expect(text).not.toMatch(INSIDE);
    expect(JSON.stringify([...headers])).not.toMatch(INSIDE);
  }

  const createBody = { content_type: 'image/png', file_name: 'a.png' };

  test.each<[string, unknown]>([
    ['/api/image/v1/ingest/create-presigned-url', createBody],
    ['/api/image/v1/upload/create-presigned-url', createBody],
    [`/api/image/v1/serve/get-signed-url/${ID}`, undefined],
    [`/api/image/v1/download/get-signed-url/${ID}`, undefined],
    ['/api/image/v1/serve/get-signed-urls', { image_ids: [ID] }],
    ['/api/image/v1/download/get-signed-urls', { image_ids: [ID] }],
  ])('REST %s', async (path, body) => {
    const answer = body === undefined ? await api.send(path) : await api.post(path, body);
    expect(answer.status).toBe(500);
    expect(answer.json).toEqual({ message: 'internal error', code: 'INTERNAL_ERROR' });
    expectNothingLeaked(answer);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
  });

  const create = `mutation { createImageIngestUrl(input: {contentType: "image/png", fileName: "a"}) { uploadUrl } }`;

  test.each([
    ['image', `{ image(id: "${ID}") { id } }`, { image: null }],
    ['node', `{ node(id: "${ID}") { id } }`, { node: null }],
    ['images', `{ images(ids: ["${ID}"]) { id } }`, null],
    ['createImageIngestUrl', create, null],
  ])('GraphQL %s', async (field, query, data) => {
    const answer = await api.graphql(query);
    expect(answer.json).toEqual({
      data,
      errors: [
        {
          message: 'internal error',
          path: [field],
          locations: [expect.anything()],
          extensions: { code: 'INTERNAL_SERVER_ERROR' },
        },
      ],
    });
    expectNothingLeaked(answer);
  });

  test('what needs no database goes on: an id that cannot exist is still not found', async () => {
    const { status } = await api.send('/api/image/v1/serve/get-signed-url/garbage');
    expect(status).toBe(404);
  });

  test('the log has the fault under the id that the caller was given', async () => {
    const answer = await api.send(`/api/image/v1/serve/get-signed-url/${ID}`, {
      headers: { 'x-request-id': `rest-${NODE_ENV}` },
    });
    expect(answer.headers.get('x-request-id')).toBe(`rest-${NODE_ENV}`);
    const rest = await api.log.find(({ requestId }) => requestId === `rest-${NODE_ENV}`);
    expect(rest).toMatchObject({ msg: 'http.fault', err: { stack: expect.any(String) } });

    await api.send('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': `graphql-${NODE_ENV}` },
      body: JSON.stringify({ query: `{ image(id: "${ID}") { id } }` }),
    });
    const graphql = await api.log.find(({ requestId }) => requestId === `graphql-${NODE_ENV}`);
    expect(graphql).toMatchObject({ msg: 'graphql.fault', err: { stack: expect.any(String) } });
  });
});
