import { randomUUID } from 'node:crypto';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { HttpError } from '../shared/http.ts';
import { redactSignatures } from '../shared/logger.ts';
import { contextOf, type RequestContext } from '../shared/request-context.ts';
import { toHttpError } from './errors.ts';

/** What a caller may choose as a request id; anything else could forge log lines. */
const REQUEST_ID = /^[\w.:+/=-]{1,128}$/;

/** Gives every request its id and context, and logs it when it is over. */
export function requestContext(create: (requestId: string) => RequestContext): RequestHandler {
  return (request, response, next) => {
    const started = performance.now();
    const given = request.get('x-request-id');
    const requestId = given && REQUEST_ID.test(given) ? given : randomUUID();
    const context = create(requestId);
    response.locals.context = context;
    response.set('x-request-id', requestId);
    // Signed URLs must not stay in anybody's cache, and no answer is to be taken for a page.
    response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
    const { method, originalUrl } = request;
    response.on('close', () => {
      context.logger.info(
        {
          method,
          path: redactSignatures(originalUrl),
          status: response.statusCode,
          durationMs: Math.round((performance.now() - started) * 10) / 10,
          ...(!response.writableFinished && { aborted: true }),
        },
        'http.request',
      );
    });
    next();
  };
}

/** Whatever no route has taken. */
export const routeNotFound: RequestHandler = (request) => {
  throw new HttpError(404, 'NOT_FOUND', `there is nothing at ${request.method} ${request.path}`);
};

/** Ends every failed request in the error shape of the interface that was called. */
export function errorResponder(shape: (error: HttpError) => object): ErrorRequestHandler {
  return (error, _request, response, next) => {
    const httpError = toHttpError(error);
    if (httpError.status >= 500) contextOf(response).logger.error({ err: error }, 'http.fault');
    if (response.headersSent) {
      next(error);
      return;
    }
    response.status(httpError.status).json(shape(httpError));
  };
}
