import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { S3Context } from './context.ts';
import { corsHeaders, preflight } from './cors.ts';
import type { Credentials, Verifier } from './credential.ts';
import { createEventDelivery, type NotificationTarget } from './event-delivery.ts';
import { assertBucketName } from './handlers-bucket.ts';
import { readHeaders, withHoistedHeaders } from './headers.ts';
import { requestBody } from './request-body.ts';
import { route } from './router.ts';
import { errorResponse, sendResponse, unreadableRequestResponse } from './send-response.ts';
import { openStore } from './store.ts';
import { parseTarget } from './target.ts';

export { testEventBody } from './s3-event.ts';

/** Longer than clients keep their sockets, so that none writes into one that is being closed. */
const KEEP_ALIVE_MS = 65_000;

export interface LocalS3Options {
  readonly dataDir: string;
  /** 127.0.0.1 unless told. */
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly region: string;
  readonly credentials: Credentials;
  /** `*` allows any. */
  readonly corsOrigins: readonly string[];
  /**
   * `send` gets the JSON body of an S3 event message and resolves when the queue has it; a
   * rejection is retried.
   */
  readonly notifications?: readonly NotificationTarget[];
  /** Unexpected faults, for the stack's log. */
  readonly onProblem?: (error: unknown) => void;
  /** Milliseconds; for tests of expiry. */
  readonly now?: () => number;
}

export interface LocalS3 {
  readonly url: string;
  readonly port: number;
  /** Makes a bucket, or enables its versioning where it is there already. */
  createBucket(name: string, options?: { readonly versioned?: boolean }): Promise<void>;
  /** Ends open requests and retries; undelivered events are kept for the next start. */
  close(): Promise<void>;
  /** Resolves when no event waits to be delivered. */
  flushEvents(): Promise<void>;
}

/**
 * Starts an S3 for one machine: path-style requests, AWS Signature Version 4, files on disk.
 * One process at a time may use a `dataDir`.
 * @throws Error when the port is taken or the journal cannot be read
 */
export async function startLocalS3(options: LocalS3Options): Promise<LocalS3> {
  const { region, credentials, host = '127.0.0.1', now = Date.now } = options;
  const onProblem = options.onProblem ?? (() => undefined);
  await mkdir(options.dataDir, { recursive: true });
  const store = await openStore(options.dataDir, now);
  const active = new Set<Promise<void>>();

  try {
    const targets = options.notifications ?? [];
    const events = createEventDelivery({ store, targets, onProblem });
    const context: S3Context = { store, events, region, now };
    const verifier: Verifier = { credentials, region, now };
    const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
      const work = handle(request, response, context, verifier, options.corsOrigins, onProblem);
      active.add(work);
      void work.finally(() => active.delete(work));
    });
    refuseUnreadable(server);
    const port = await listen(server, options.port, host);
    server.on('error', onProblem);
    events.wake();

    let closing: Promise<void> | undefined;
    const close = async (): Promise<void> => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await Promise.allSettled(active);
      await events.close();
      store.close();
    };
    return {
      url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
      port,
      createBucket: async (name, { versioned = false } = {}) => {
        assertBucketName(name);
        store.createBucket(name, versioned);
      },
      close: () => {
        closing ??= close();
        return closing;
      },
      flushEvents: () => events.flush(),
    };
  } catch (error) {
    store.close();
    throw error;
  }
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function newRequestId(): string {
  return randomBytes(8).toString('hex').toUpperCase();
}

/** Node's own answer to a header that is too long is 431; S3's is 400. */
function refuseUnreadable(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    socket.end(unreadableRequestResponse(error.code, newRequestId()));
  });
}

/** Answers one request. Never rejects. */
async function handle(
  incoming: IncomingMessage,
  response: ServerResponse,
  context: S3Context,
  verifier: Verifier,
  corsOrigins: readonly string[],
  onProblem: (error: unknown) => void,
): Promise<void> {
  const { method = '', url = '' } = incoming;
  const requestId = newRequestId();
  const body = requestBody(incoming);
  response.setHeader('x-amz-request-id', requestId);
  response.setHeader('x-amz-id-2', requestId);
  for (const [name, value] of Object.entries(corsHeaders(corsOrigins, incoming.headers.origin))) {
    response.setHeader(name, value);
  }
  try {
    try {
      if (method === 'OPTIONS') {
        await sendResponse(response, preflight(corsOrigins, incoming.headers));
      } else {
        const target = parseTarget(url);
        const headers = readHeaders(incoming);
        const request = {
          ...target,
          method,
          headers: withHoistedHeaders(headers, target.query),
          body,
          requestId,
          sourceIp: incoming.socket.remoteAddress ?? '',
        };
        await sendResponse(response, await route(context, verifier, request, { headers }));
      }
    } catch (error) {
      const clientLeft = incoming.destroyed && !incoming.complete;
      if (clientLeft || response.destroyed) return;
      if (response.headersSent) throw error;
      const answer = errorResponse(error, method, url.split('?')[0] ?? '', requestId);
      if (answer.status === 500) onProblem(error);
      await sendResponse(response, answer);
    }
  } catch (error) {
    onProblem(error);
    response.destroy();
  } finally {
    await body.drain();
  }
}
