import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { HttpError } from '../shared/http.ts';
import { redactSignatures } from '../shared/logger.ts';
import { OVERLOADED, retryAfterSeconds } from '../shared/overload.ts';
import { contextOf, type RequestContext } from '../shared/request-context.ts';
import type { Telemetry } from '../shared/telemetry/telemetry.ts';
import { toHttpError } from './errors.ts';

/** What a caller may choose as a request id; anything else could forge log lines. */
const REQUEST_ID = /^[\w.:+/=-]{1,128}$/;

/** Emitted by a response that has become an open stream. */
export const ANSWER_GOES_ON = Symbol('answer goes on');

/** The caller's own, where it is fit for a log; else a new one. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
}

/** Gives every request its id and context; logs it when it is over, and measures it if told. */
export function requestContext(
  create: (requestId: string, request: Request) => RequestContext,
  telemetry?: Pick<Telemetry, 'requestFinished'>,
): RequestHandler {
  return (request, response, next) => {
    const started = performance.now();
    const requestId = requestIdOf(request);
    const context = create(requestId, request);
    response.locals.context = context;
    response.setHeader('x-request-id', requestId);
    // Signed URLs must not stay in anybody's cache, and no answer is to be taken for a page.
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    const { method, originalUrl } = request;
    let isMeasured = false;
    const measure = (status: number | null) => {
      if (isMeasured) return;
      isMeasured = true;
      const seconds = (performance.now() - started) / 1000;
      telemetry?.requestFinished({ method, route: routeOf(request), status, seconds });
    };
    response.once(ANSWER_GOES_ON, () => measure(200));
    response.on('close', () => {
      const elapsedMs = performance.now() - started;
      measure(response.writableFinished ? response.statusCode : null);
      context.logger.info(
        {
          method,
          path: redactSignatures(originalUrl),
          status: response.statusCode,
          durationMs: Math.round(elapsedMs * 10) / 10,
          ...(!response.writableFinished && { aborted: true }),
        },
        'http.request',
      );
    });
    next();
  };
}

/**
 * From now on the answer is an open stream: the request is measured until here, because how long
 * somebody goes on watching says nothing about how fast the service is.
 */
export function endMeasuring(response: Response): void {
  response.emit(ANSWER_GOES_ON);
}

/**
 * The pattern of the route that took a request, with the path that it is mounted at: one of a few
 * however the path was written. What no route took is `unmatched`.
 */
function routeOf({ route, baseUrl, originalUrl }: Request): string {
  // Mounted without a route, as GraphQL is.
  if (!route) return baseUrl.toLowerCase() || 'unmatched';
  const pattern: string = Array.isArray(route.path) ? route.path[0] : route.path;
  // After an error `baseUrl` is gone. What comes before the pattern's own segments is the mount,
  // in any case, since paths match in any.
  const [path = ''] = originalUrl.split('?', 1);
  const segments = path.replace(/\/$/, '').split('/');
  const mount = segments.slice(0, segments.length - (pattern.split('/').length - 1));
  return mount.join('/').toLowerCase() + pattern;
}

/** Whatever no route has taken. */
export const routeNotFound: RequestHandler = (request) => {
  throw new HttpError(404, 'NOT_FOUND', `there is nothing at ${request.method} ${request.path}`);
};

/** Ends every failed request in the error shape of the interface that was called. */
export function errorResponder(shape: (error: HttpError) => object): ErrorRequestHandler {
  return (error, _request, response, next) => {
    const httpError = toHttpError(error);
    const isOverload = httpError.code === OVERLOADED.code;
    if (httpError.status >= 500 && !isOverload)
      contextOf(response).logger.error({ err: error }, 'http.fault');
    if (response.headersSent) {
      next(error);
      return;
    }
    if (isOverload) response.set('Retry-After', String(retryAfterSeconds()));
    response.status(httpError.status).json(shape(httpError));
  };
}
