import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestApi, type TestApi } from '../support/api.ts';

describe('health', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi();
  });

  afterAll(() => api.close());

  test.each(['/api/health/liveness', '/api/health/lieveness', '/api/health/readiness'])(
    'GET %s',
    async (path) => {
      const { status, headers, json } = await api.send(path);
      expect(status).toBe(200);
      expect(json).toEqual({ status: 'ok' });
      expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
      expect(headers.get('cache-control')).toBe('no-store');
    },
  );

  test.each(['/api/health/liveness', '/api/health/lieveness', '/api/health/readiness'])(
    'HEAD %s',
    async (path) => {
      const { status, text } = await api.send(path, { method: 'HEAD' });
      expect({ status, text }).toEqual({ status: 200, text: '' });
    },
  );

  test('liveness asks nobody', async () => {
    api.queries.length = 0;
    await api.send('/api/health/liveness');
    expect(api.queries).toEqual([]);
  });

  test('readiness asks the database', async () => {
    api.queries.length = 0;
    await api.send('/api/health/readiness');
    expect(api.queries).toHaveLength(1);
  });
});

describe('health without the database', () => {
  let api: TestApi;

  beforeAll(async () => {
    api = await startTestApi();
    // Connections are in the pool when it goes away, as they would be.
    await api.send('/api/health/readiness');
    await api.loseDatabase();
  });

  afterAll(() => api.close());

  test('readiness is 503 and names what is down, and nothing else', async () => {
    const { status, json } = await api.send('/api/health/readiness');
    expect(status).toBe(503);
    expect(json).toEqual({
      status: 'unavailable',
      message: 'not ready: database down',
      code: 'NOT_READY',
      down: ['database'],
    });
  });

  test('liveness is not concerned: a restart would not bring the database back', async () => {
    const { status, json } = await api.send('/api/health/liveness');
    expect(status).toBe(200);
    expect(json).toEqual({ status: 'ok' });
  });
});
