import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface LoadOptions {
  port: number;
  ids: readonly string[];
  requestsPerSecond: number;
  seconds: number;
  /** Called each second with how many have passed. */
  onSecond(second: number): Promise<void>;
}

/** Requests begin in groups of this distance, whether those before are answered or not. */
const TICK_MS = 100;
const BATCH = 50;

interface Call {
  method: 'GET' | 'POST';
  path: string;
  body?: unknown;
  status: number;
}

const OPERATION =
  'query ($ids: [ID!]!) { images(ids: $ids) { id status access { downloadUrl expiresAt } } }';

/** What a gallery and its uploads ask for, the same in every ten requests. */
function callOf(count: number, ids: readonly string[]): Call {
  const at = (count * 7) % (ids.length - BATCH);
  const batch = ids.slice(at, at + BATCH);
  const kind = count % 10;
  if (kind < 5) {
    return { method: 'GET', path: `/api/image/v1/serve/get-signed-url/${ids[at]}`, status: 200 };
  }
  if (kind < 7) {
    const path = '/api/image/v1/serve/get-signed-urls';
    return { method: 'POST', path, body: { image_ids: batch }, status: 200 };
  }
  if (kind < 9) {
    const body = { query: OPERATION, variables: { ids: batch } };
    return { method: 'POST', path: '/graphql', body, status: 200 };
  }
  const body = { content_type: 'image/jpeg', file_name: 'bench.jpg' };
  return { method: 'POST', path: '/api/image/v1/ingest/create-presigned-url', body, status: 201 };
}

/**
 * Sends a mix of requests at a steady pace.
 *
 * @returns how many were answered
 * @throws Error when one was answered otherwise than it should have been
 */
export async function sendLoad(options: LoadOptions): Promise<number> {
  const { port, ids, requestsPerSecond, seconds, onSecond } = options;
  const agent = new http.Agent({ keepAlive: true });
  const running = new Set<Promise<void>>();
  let failure: unknown;
  let sent = 0;
  try {
    const startedAt = performance.now();
    for (let second = 0; second < seconds; second += 1) {
      for (let tick = 0; tick < 1000 / TICK_MS; tick += 1) {
        const due = ((second * 1000 + tick * TICK_MS) * requestsPerSecond) / 1000;
        for (; sent < due; sent += 1) {
          const call = send(agent, port, callOf(sent, ids)).catch((error: unknown) => {
            failure ??= error;
          });
          running.add(call);
          void call.then(() => running.delete(call));
        }
        if (failure !== undefined) throw failure;
        const next = startedAt + second * 1000 + (tick + 1) * TICK_MS;
        await sleep(Math.max(0, next - performance.now()));
      }
      await onSecond(second + 1);
    }
    await Promise.all(running);
    if (failure !== undefined) throw failure;
    return sent;
  } finally {
    agent.destroy();
  }
}

function send(
  agent: http.Agent,
  port: number,
  { method, path, body, status }: Call,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const request = http.request({ host: '127.0.0.1', port, agent, method, path, headers });
  request.on('error', reject);
  request.on('response', (response) => {
    const right = response.statusCode === status;
    if (!right) reject(new Error(`${method} ${path} answered ${response.statusCode}`));
    response.on('error', reject).on('end', resolve).resume();
  });
  request.end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}
