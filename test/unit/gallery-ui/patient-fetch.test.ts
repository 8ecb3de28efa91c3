import { describe, expect, test } from '@jest/globals';
import { makeExecute } from '../../../src/gallery-ui/api/execute.ts';
import { makePatientFetch } from '../../../src/gallery-ui/api/patient-fetch.ts';
import { createServerClock } from '../../../src/gallery-ui/api/server-clock.ts';
import { TypedDocumentString } from '../../../src/generated/gallery/graphql.ts';

interface Refusal {
  status: number;
  retryAfter?: string;
}

/** A service that refuses so often, and what is asked of it and of the clock. */
function makeService(refusals: Refusal[]) {
  const bodies: unknown[] = [];
  const waits: number[] = [];
  const left = [...refusals];
  return {
    bodies,
    waits,
    async fetch(_input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
      bodies.push(init?.body);
      const refusal = left.shift();
      if (!refusal) return Response.json({ data: { asked: bodies.length } });
      const { status, retryAfter } = refusal;
      const headers: HeadersInit = retryAfter === undefined ? {} : { 'retry-after': retryAfter };
      return Response.json({ errors: [{ message: 'busy' }] }, { status, headers });
    },
    after(ms: number, run: () => void) {
      waits.push(ms);
      queueMicrotask(run);
      return () => {};
    },
  };
}

const BUSY = { status: 503, retryAfter: '2' };

describe('a request that the service has no time for', () => {
  test('is sent again as it was, after as long as it was told', async () => {
    const service = makeService([
      { status: 503, retryAfter: '1' },
      { status: 503, retryAfter: '3' },
    ]);
    const response = await makePatientFetch(service.fetch, service.after)('/graphql', {
      body: '{"query":"..."}',
    });
    expect(response.status).toBe(200);
    expect(service.waits).toEqual([1000, 3000]);
    expect(service.bodies).toEqual(Array(3).fill('{"query":"..."}'));
  });

  test('is given up after three times, with the last refusal', async () => {
    const service = makeService(Array(9).fill(BUSY));
    const response = await makePatientFetch(service.fetch, service.after)('/graphql');
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ errors: [{ message: 'busy' }] });
    expect(service.waits).toEqual([2000, 2000]);
  });

  test.each<[string, Refusal]>([
    ['does not say when to come back', { status: 503 }],
    ['says it in words', { status: 503, retryAfter: 'Fri, 31 Dec 1999 23:59:59 GMT' }],
    ['wants nobody back for a minute', { status: 503, retryAfter: '60' }],
    ['has another trouble', { status: 500, retryAfter: '1' }],
    ['limits who asks', { status: 429, retryAfter: '1' }],
  ])('is not sent again when the service %s', async (_what, refusal) => {
    const service = makeService([refusal]);
    const response = await makePatientFetch(service.fetch, service.after)('/graphql');
    expect(response.status).toBe(refusal.status);
    expect([service.waits, service.bodies.length]).toEqual([[], 1]);
  });

  test('a request that fails on its way is not sent again', async () => {
    const { after, waits } = makeService([]);
    const patient = makePatientFetch(() => Promise.reject(new TypeError('no network')), after);
    await expect(patient('/graphql')).rejects.toThrow('no network');
    expect(waits).toEqual([]);
  });
});

test('the page’s operations are sent this way, mutations too', async () => {
  const { waits, bodies, ...service } = makeService([BUSY]);
  const env = { ...service, now: () => 0, baseUrl: 'https://pictures.example/' };
  const after = (ms: number, run: () => void) =>
    // The time limit of each try never comes.
    ms === 30_000 ? () => {} : service.after(ms, run);
  const execute = makeExecute({ ...env, after }, createServerClock(env));
  const document = new TypedDocumentString<{ asked: number }, object>('mutation { asked }');
  expect(await execute(document, {})).toEqual({ ok: true, data: { asked: 2 } });
  expect(waits).toEqual([2000]);
  expect(bodies[1]).toEqual(bodies[0]);
});
