import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestApi, type TestApi } from '../support/api.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('requests', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi();
  });

  afterAll(() => api.close());

  function lineOf(id: string | null) {
    return api.log.find(({ msg, requestId }) => msg === 'http.request' && requestId === id);
  }

  test('without an id get one, a different one each', async () => {
    const ids = [
      (await api.send('/api/health/liveness')).headers.get('x-request-id'),
      (await api.send('/nowhere')).headers.get('x-request-id'),
      (await api.send('/graphql')).headers.get('x-request-id'),
    ];
    for (const id of ids) expect(id).toMatch(UUID);
    expect(new Set(ids).size).toBe(3);
  });

  test.each([
    'abc',
    '01ARZ3NDEKTSV4RRFFQ69G5FAV',
    'Root=1-67891233-abcdef012345678912345678',
    'a'.repeat(128),
  ])('keep the id %s', async (id) => {
    const { headers } = await api.send('/api/health/liveness', { headers: { 'x-request-id': id } });
    expect(headers.get('x-request-id')).toBe(id);
    expect(await lineOf(id)).toBeDefined();
  });

  test.each(['a b', '{"level":"fatal"}', '<script>', 'ä', '[31m', 'a,b', 'a'.repeat(129), ' '])(
    'get another id for the forged %j',
    async (id) => {
      const { headers } = await api.send('/api/health/liveness', {
        headers: { 'x-request-id': id },
      });
      expect(headers.get('x-request-id')).toMatch(UUID);
    },
  );

  test.each<[string, string, number, RequestInit | undefined]>([
    ['GET', '/api/health/liveness', 200, undefined],
    ['GET', '/api/image/v1/download/get-signed-url/abc', 404, undefined],
    ['PUT', '/api/image/v1/serve/get-signed-urls', 405, undefined],
    ['POST', '/graphql', 400, { body: '{' }],
    ['OPTIONS', '/graphql', 204, undefined],
    ['GET', '/%zz', 404, undefined],
  ])('are logged: %s %s', async (method, path, status, init) => {
    const { headers } = await api.send(path, { method, ...init });
    expect(await lineOf(headers.get('x-request-id'))).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      name: 'test',
      pid: expect.any(Number),
      hostname: expect.any(String),
      msg: 'http.request',
      requestId: headers.get('x-request-id'),
      method,
      path,
      status,
      durationMs: expect.any(Number),
    });
  });

  test('are logged without what would let a reader of the log act for the caller', async () => {
    const query =
      'X-Amz-Signature=s3cr3t&x-amz-credential=s3cr3t&X-Amz-Security-Token=s3cr3t&Signature=s3cr3t&Policy=s3cr3t&Key-Pair-Id=s3cr3t&token=s3cr3t&access_token=s3cr3t&versionId=v1';
    const { headers } = await api.send(`/api/health/liveness?${query}`, {
      headers: { authorization: 'Bearer s3cr3t', cookie: 'session=s3cr3t' },
    });
    const line = await lineOf(headers.get('x-request-id'));
    expect(JSON.stringify(line)).not.toContain('s3cr3t');
    expect(line.path).toContain('X-Amz-Signature=[redacted]');
    expect(line.path).toContain('versionId=v1');
  });

  test('that their caller hung up on are logged as such', async () => {
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
    socket.end(
      'POST /api/image/v1/serve/get-signed-urls HTTP/1.1\r\nHost: x\r\nx-request-id: hung-up\r\nContent-Length: 1000\r\n\r\n{"image_ids"',
    );
    socket.resume();
    await once(socket, 'close');
    expect(await lineOf('hung-up')).toMatchObject({ aborted: true });
  });
});
