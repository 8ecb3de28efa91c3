import type { IncomingMessage, ServerResponse } from 'node:http';
import { OVERLOADED, retryAfterSeconds } from '../shared/overload.ts';
import { hasBody } from './body-arrival.ts';

const { code, message } = OVERLOADED;
const REST_BODY = Buffer.from(JSON.stringify({ message, code }));
const GRAPHQL_BODY = Buffer.from(JSON.stringify({ errors: [{ message, extensions: { code } }] }));
const GRAPHQL = /^\/graphql(?:[/?]|$)/i;

/** Answers 503 in the error shape of the interface that was called, with nothing computed. */
export function makeShedAnswer(
  corsOrigins: readonly string[],
): (request: IncomingMessage, response: ServerResponse, requestId: string) => void {
  const isForAll = corsOrigins.includes('*');

  /** Without these, a page of another origin cannot tell a refusal from a network that is gone. */
  function corsHeaders(origin: string | undefined): Record<string, string> {
    const exposed = { 'Access-Control-Expose-Headers': 'x-request-id, Allow, Retry-After' };
    if (isForAll) return { 'Access-Control-Allow-Origin': '*', ...exposed };
    if (origin === undefined || !corsOrigins.includes(origin)) return { Vary: 'Origin' };
    return { 'Access-Control-Allow-Origin': origin, Vary: 'Origin', ...exposed };
  }

  return (request, response, requestId) => {
    const body = GRAPHQL.test(request.url ?? '') ? GRAPHQL_BODY : REST_BODY;
    response.writeHead(503, {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': body.length,
      'Retry-After': retryAfterSeconds(),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
      'x-request-id': requestId,
      ...corsHeaders(request.headers.origin),
      // What is left of the body would have to be read to its end first.
      ...(hasBody(request) && !request.complete && { Connection: 'close' }),
    });
    response.end(body);
  };
}
