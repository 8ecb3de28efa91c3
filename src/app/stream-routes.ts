import type { Request, RequestHandler, Response } from 'express';
import { HttpError, methodNotAllowed } from '../shared/http.ts';
import { contextOf } from '../shared/request-context.ts';
import type { LiveMetrics } from '../shared/telemetry/live-metrics.ts';
import { sendEvents } from './event-stream.ts';
import type { GraphqlStreamHandler } from './graphql-stream.ts';
import { endMeasuring } from './http-middleware.ts';

export interface StreamOptions {
  /** How many streams may be open at a time. */
  maxStreams: number;
  heartbeatMs: number;
  metrics: LiveMetrics;
}

export interface StreamRoutes {
  /** Answers with a stream, or refuses. */
  handle: RequestHandler;
  /** The same for those who would rather have a stream than JSON; passes on everybody else. */
  handleIfPreferred: RequestHandler;
  /**
   * Ends every stream and refuses new ones. What clients get is an end without `complete`, which
   * makes them come again, to another process.
   */
  close(): void;
}

const EVENT_STREAM = 'text/event-stream';
const JSON_TYPES = ['application/json', 'application/graphql-response+json'];
const RETRY_AFTER_SECS = 5;

export function makeStreamRoutes(
  handler: GraphqlStreamHandler,
  { maxStreams, heartbeatMs, metrics }: StreamOptions,
): StreamRoutes {
  const streaming = new Set<Response>();
  /** Those that are still being checked are among them: else many at once would be too many. */
  let taken = 0;
  let isClosing = false;

  function assertRoom(response: Response): void {
    if (taken < maxStreams && !isClosing) return;
    metrics.streamRefused();
    response.set({ 'Retry-After': String(RETRY_AFTER_SECS), Connection: 'close' });
    throw new HttpError(503, 'TOO_MANY_STREAMS', 'too many streams are open; try again later');
  }

  async function answer(request: Request, response: Response): Promise<void> {
    const [body, { status, statusText }] = await handler({
      method: request.method,
      url: request.originalUrl,
      // What else the client would take is of no interest any more.
      headers: { get: (name) => (name === 'accept' ? EVENT_STREAM : request.get(name)) },
      body: request.body ?? null,
      raw: request,
      context: { response },
    });
    if (body === null || typeof body === 'string') {
      throw new HttpError(status, 'BAD_REQUEST', messageIn(body) ?? statusText);
    }
    if (isClosing) {
      await body.return();
      assertRoom(response);
    }
    streaming.add(response);
    metrics.streamOpened();
    endMeasuring(response);
    contextOf(response).logger.info('stream.opened');
    try {
      await sendEvents(response, body, heartbeatMs);
    } finally {
      streaming.delete(response);
      metrics.streamClosed();
    }
  }

  const handle: RequestHandler = async (request, response, next) => {
    if (request.method !== 'GET' && request.method !== 'POST') {
      onlyGetAndPost(request, response, next);
      return;
    }
    assertUnderstood(request);
    assertRoom(response);
    taken += 1;
    try {
      await answer(request, response);
    } finally {
      taken -= 1;
    }
  };

  return {
    handle,
    handleIfPreferred(request, response, next) {
      return prefersStream(request) && request.path === '/'
        ? handle(request, response, next)
        : next();
    },
    close() {
      isClosing = true;
      for (const response of streaming) response.end();
    },
  };
}

const onlyGetAndPost = methodNotAllowed('GET', 'POST');

/** Weighing all that a client would take is work, and few name any text at all. */
function prefersStream(request: Request): boolean {
  return (
    /text\//i.test(request.headers.accept ?? '') &&
    request.accepts([...JSON_TYPES, EVENT_STREAM]) === EVENT_STREAM
  );
}

/**
 * A POST has to be JSON and say so, which no page can send to another site unasked. A GET may come
 * from anywhere: an EventSource can set no header, and there is nothing that a subscription changes.
 */
function assertUnderstood(request: Request): void {
  if (!request.accepts(EVENT_STREAM)) {
    throw new HttpError(406, 'NOT_ACCEPTABLE', `the answer here is ${EVENT_STREAM}`);
  }
  if (request.method === 'POST' && !request.is('application/json')) {
    throw new HttpError(
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'the request needs the header content-type: application/json',
    );
  }
}

/** The words in `{errors: [{message}]}`. */
function messageIn(body: string | null): string | undefined {
  return body === null ? undefined : JSON.parse(body).errors?.[0]?.message;
}
