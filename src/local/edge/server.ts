import { createServer, type Server } from 'node:http';
import { createAccessLog } from './access-log/access-log.ts';
import { sendError } from './answer.ts';
import { createCache } from './cache.ts';
import { requestErrors } from './errors.ts';
import { createHandler } from './handler.ts';
import type { InvalidationPath } from './invalidation-path.ts';
import { createObjects } from './objects.ts';
import { createOrigin } from './origin.ts';
import { createSignatureVerifier } from './signed-url.ts';

export interface EdgeOptions {
  /** Address to bind; loopback by default. */
  host?: string;
  /** 0 takes any free port. */
  port: number;
  /**
   * S3 path-style base of the bucket, e.g. `http://127.0.0.1:4002/media`; requests to it are signed
   * (SigV4), as CloudFront's Origin Access Control does.
   */
  originUrl: string;
  region: string;
  originCredentials: { accessKeyId: string; secretAccessKey: string };
  /** The trusted key group: key pair id -> public key PEM (RSA 2048 or EC P-256). */
  publicKeys: ReadonlyMap<string, string>;
  /** Origins of the pages that may read pictures; `*` stands for all. */
  corsOrigins: readonly string[];
  /** Bytes of memory for cached objects; 256 MiB by default. */
  maxCacheBytes?: number;
  /** How long the origin may stay silent, in milliseconds; 30 seconds, CloudFront's, by default. */
  originTimeoutMs?: number;
  /** Milliseconds since 1970; decides over expiry, freshness and the date of signed origin requests. */
  now?: () => number;
  /** Where each request gets a line, in CloudFront's format; none without it. */
  accessLogFile?: string;
  /** Size at which that file is put aside (as `FILE.1`) and begun anew, in bytes; 10 MiB by default. */
  maxAccessLogBytes?: number;
  /** Told of faults that viewers only see as a status: an origin that is down or breaks off. */
  onProblem?: (error: unknown) => void;
}

export interface Edge {
  url: string;
  port: number;
  /** Drops the cached objects that are meant. */
  invalidate(path: InvalidationPath): void;
  /** Cuts all connections and resolves when nothing is left open; may be called again. */
  close(): Promise<void>;
}

const MEBIBYTE = 1024 * 1024;
const DEFAULT_CACHE_BYTES = 256 * MEBIBYTE;
const MAX_CACHED_OBJECT_BYTES = 32 * MEBIBYTE;
const DEFAULT_ACCESS_LOG_BYTES = 10 * MEBIBYTE;
const DEFAULT_ORIGIN_TIMEOUT_MS = 30_000;

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

/**
 * Starts a stand-in for a CloudFront distribution in front of an S3 bucket.
 *
 * @throws Error if a public key is none CloudFront takes, or the port cannot be bound
 */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const { host = '127.0.0.1', now = Date.now, maxCacheBytes = DEFAULT_CACHE_BYTES } = options;
  let closing: Promise<void> | undefined;
  const onProblem = (error: unknown) => {
    // Whatever breaks while the edge closes is broken by its closing.
    if (!closing) options.onProblem?.(error);
  };

  const verify = createSignatureVerifier(options.publicKeys);
  const timeoutMs = options.originTimeoutMs ?? DEFAULT_ORIGIN_TIMEOUT_MS;
  const origin = createOrigin({ ...options, timeoutMs, now });
  const maxObjectBytes = Math.min(MAX_CACHED_OBJECT_BYTES, maxCacheBytes);
  const cache = createCache(maxCacheBytes);
  const objects = createObjects({ origin, cache, maxObjectBytes, now, onProblem });
  const { corsOrigins } = options;
  const handle = createHandler({ verify, objects, corsOrigins, now, onProblem });

  const { accessLogFile: file, maxAccessLogBytes: maxBytes = DEFAULT_ACCESS_LOG_BYTES } = options;
  const accessLog =
    file === undefined ? undefined : createAccessLog({ file, maxBytes, now, onProblem });

  const server = createServer((request, response) => {
    const exchange = { request, response };
    accessLog?.watch(exchange);
    handle(exchange).catch((error: unknown) => {
      onProblem(error);
      if (response.headersSent) response.destroy();
      else sendError(exchange, requestErrors.internal);
    });
  });
  const port = await listen(server, options.port, host);

  async function shutDown(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    origin.close();
    await Promise.all([closed, objects.settled()]);
    await accessLog?.flushed();
  }
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    invalidate: ({ matches }) => objects.invalidate(matches),
    close: () => {
      closing ??= shutDown();
      return closing;
    },
  };
}
