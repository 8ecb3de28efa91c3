import type { IncomingHttpHeaders } from 'node:http';
import type { S3Response } from './context.ts';
import { S3Error } from './errors.ts';

const METHODS = ['GET', 'PUT', 'POST', 'HEAD', 'DELETE'];
const MAX_AGE_SECONDS = 3000;

/**
 * The headers that let a page of an allowed origin read a response, errors included: an upload
 * form that may not read its 403 can only say "network error".
 */
export function corsHeaders(
  allowed: readonly string[],
  origin: string | undefined,
): Record<string, string> {
  // Also without an origin: a cache must not give this response to a page of another one.
  const vary = { Vary: 'Origin' };
  if (origin === undefined) return vary;
  const any = allowed.includes('*');
  if (!any && !allowed.includes(origin)) return vary;
  return {
    ...vary,
    'Access-Control-Allow-Origin': any ? '*' : origin,
    'Access-Control-Expose-Headers': 'ETag, x-amz-version-id, x-amz-request-id',
  };
}

/**
 * Answers a preflight (AWS docs, "Using cross-origin resource sharing").
 * @throws S3Error `BadRequest` when it is none, `AccessForbidden` for another origin or method
 */
export function preflight(allowed: readonly string[], headers: IncomingHttpHeaders): S3Response {
  const { origin } = headers;
  const method = headers['access-control-request-method'];
  if (origin === undefined || method === undefined) {
    throw new S3Error('BadRequest', {
      message: 'Insufficient information. Origin request header needed.',
    });
  }
  const granted = corsHeaders(allowed, origin);
  if (granted['Access-Control-Allow-Origin'] === undefined || !METHODS.includes(method)) {
    throw new S3Error('AccessForbidden', { details: { Method: method, ResourceType: 'OBJECT' } });
  }
  const requested = headers['access-control-request-headers'];
  return {
    status: 200,
    headers: {
      ...granted,
      'Access-Control-Allow-Methods': METHODS.join(', '),
      ...(requested === undefined ? {} : { 'Access-Control-Allow-Headers': requested }),
      'Access-Control-Max-Age': String(MAX_AGE_SECONDS),
      Vary: 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method',
    },
  };
}
