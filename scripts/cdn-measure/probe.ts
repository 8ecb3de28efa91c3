import http from 'node:http';
import https from 'node:https';

/** Whether the request had to open its connection first. */
export type Connection = 'new' | 'kept';
/** By X-Cache; `-` where the server does not say. */
export type CacheResult = 'hit' | 'refresh' | 'miss' | '-';

/** One answer. Times are milliseconds. */
export interface Sample {
  connection: Connection;
  cache: CacheResult;
  bytes: number;
  /** CloudFront's edge location; null where the server does not say. */
  edge: string | null;
  /** From the request, opening the connection included, to the head of the answer. */
  firstByteMs: number;
  /** From the request to the last byte. */
  totalMs: number;
  /** What a first byte on a new connection is made of. */
  parts: { dnsMs: number; tcpMs: number; tlsMs: number; waitMs: number };
}

/** A status other than 200, or the code of a network error. */
export interface Failure {
  reason: string;
}

/** How long one request may take, in milliseconds. */
const DEADLINE_MS = 30_000;

function cacheResult(header: string | string[] | undefined): CacheResult {
  const text = String(header ?? '').toLowerCase();
  if (text.startsWith('refreshhit')) return 'refresh';
  if (text.startsWith('hit')) return 'hit';
  return text.startsWith('miss') ? 'miss' : '-';
}

/** When a new connection came how far; undefined for what it had no need of. */
interface Milestones {
  resolvedAt?: number;
  connectedAt?: number;
  securedAt?: number;
}

function watchConnection(request: http.ClientRequest, milestones: Milestones): void {
  request.once('socket', (socket) => {
    if (!socket.connecting) return;
    socket.once('lookup', () => {
      milestones.resolvedAt = performance.now();
    });
    socket.once('connect', () => {
      milestones.connectedAt = performance.now();
    });
    socket.once('secureConnect', () => {
      milestones.securedAt = performance.now();
    });
  });
}

function partsOf(startedAt: number, firstByteAt: number, milestones: Milestones): Sample['parts'] {
  const resolvedAt = milestones.resolvedAt ?? startedAt;
  const connectedAt = milestones.connectedAt ?? resolvedAt;
  const securedAt = milestones.securedAt ?? connectedAt;
  return {
    dnsMs: resolvedAt - startedAt,
    tcpMs: connectedAt - resolvedAt,
    tlsMs: securedAt - connectedAt,
    waitMs: firstByteAt - securedAt,
  };
}

/**
 * Reads a URL to its end, once. Never rejects.
 *
 * @param agent keeps connections; false opens one for this request
 */
export function probe(
  url: URL,
  agent: http.Agent | false,
  signal: AbortSignal,
): Promise<Sample | Failure> {
  const { request: send } = url.protocol === 'https:' ? https : http;
  const deadline = AbortSignal.timeout(DEADLINE_MS);
  const milestones: Milestones = {};
  const startedAt = performance.now();

  return new Promise((resolve) => {
    const fail = (error: NodeJS.ErrnoException) => {
      resolve({ reason: deadline.aborted ? 'timeout' : (error.code ?? error.name) });
    };
    const request = send(url, { agent, signal: AbortSignal.any([signal, deadline]) });
    watchConnection(request, milestones);
    request.on('error', fail);
    request.once('response', (response) => {
      const firstByteAt = performance.now();
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      response.on('error', fail);
      response.once('end', () => {
        if (response.statusCode !== 200) {
          resolve({ reason: String(response.statusCode) });
          return;
        }
        resolve({
          connection: request.reusedSocket ? 'kept' : 'new',
          cache: cacheResult(response.headers['x-cache']),
          bytes,
          edge: /^[\w-]+$/.exec(String(response.headers['x-amz-cf-pop'] ?? ''))?.[0] ?? null,
          firstByteMs: firstByteAt - startedAt,
          totalMs: performance.now() - startedAt,
          parts: partsOf(startedAt, firstByteAt, milestones),
        });
      });
    });
    request.end();
  });
}
