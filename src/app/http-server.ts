import { createServer, type RequestListener, type Server } from 'node:http';

/** Longer than the idle timeout of the usual load balancers (60 s), so that they hang up first. */
const KEEP_ALIVE_MS = 65_000;
/** Node itself has 60 s and 300 s, and looks every 30 s. */
const PATIENCE: Patience = { headMs: 15_000, requestMs: 30_000, checkEveryMs: 5_000 };
/** On top of the streams: what else is open at a time. Beyond, a connection is closed at once. */
const MAX_PLAIN_CONNECTIONS = 10_000;

/** How long a client may take for the head of a request, and for all of it, in milliseconds. */
export interface Patience {
  headMs: number;
  requestMs: number;
  checkEveryMs: number;
}

export interface HttpServerOptions {
  /** LIVE_MAX_CONNECTIONS. */
  maxStreams: number;
  patience?: Patience;
}

/** A server whose patience with slow clients has an end. */
export function createHttpServer(app: RequestListener, options: HttpServerOptions): Server {
  const { maxStreams, patience = PATIENCE } = options;
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MS,
      headersTimeout: patience.headMs,
      requestTimeout: patience.requestMs,
      connectionsCheckingInterval: patience.checkEveryMs,
    },
    app,
  );
  server.maxConnections = MAX_PLAIN_CONNECTIONS + maxStreams;
  return server;
}
