import type { IncomingMessage, ServerResponse } from 'node:http';

/** What a page may read of an answer besides the headers every page may read. */
const EXPOSED = 'Accept-Ranges, Age, Content-Length, Content-Range, ETag, X-Cache';
const ALLOWED_METHODS = 'GET, HEAD, OPTIONS';
const PREFLIGHT_MAX_AGE_SECONDS = 600;

/**
 * Adds the CORS headers for the request's origin; says whether it is an allowed one. They are on
 * errors as well, so that a gallery page can tell an expired URL (403) from a network fault.
 */
export function applyCors(
  request: IncomingMessage,
  response: ServerResponse,
  allowedOrigins: readonly string[],
): boolean {
  // Also without Origin: a cache on the way must not hand that answer to a page with one.
  response.setHeader('Vary', 'Origin');
  const { origin } = request.headers;
  if (origin === undefined) return false;
  const anyOrigin = allowedOrigins.includes('*');
  if (!anyOrigin && !allowedOrigins.includes(origin)) return false;
  response.setHeader('Access-Control-Allow-Origin', anyOrigin ? '*' : origin);
  response.setHeader('Access-Control-Expose-Headers', EXPOSED);
  return true;
}

/** Whether an OPTIONS request is a browser asking before it sends the real one. */
export function isPreflight({ headers }: IncomingMessage): boolean {
  return headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}

/** Completes the answer to an OPTIONS request that is allowed. */
export function sendOptions(request: IncomingMessage, response: ServerResponse): void {
  if (isPreflight(request)) {
    response.setHeader('Access-Control-Allow-Methods', ALLOWED_METHODS);
    const requested = request.headers['access-control-request-headers'];
    // Reading is all that can be done here, so no request header is worth refusing.
    if (requested !== undefined) response.setHeader('Access-Control-Allow-Headers', requested);
    response.setHeader('Access-Control-Max-Age', PREFLIGHT_MAX_AGE_SECONDS);
  }
  response.setHeader('Allow', ALLOWED_METHODS);
  response.setHeader('X-Cache', 'Miss from cloudfront');
  response.setHeader('Content-Length', 0);
  response.statusCode = 200;
  response.end();
}
