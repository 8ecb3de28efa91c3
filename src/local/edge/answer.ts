import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ObjectHeaders } from './cache.ts';
import { choosePart, type Part } from './conditional.ts';
import { type ErrorPage, originErrors, requestErrors } from './errors.ts';
import type { Found, XCache } from './objects.ts';

/** A viewer's request and the response under way. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
}

/** What every answer carries, errors included. */
export function setCommonHeaders({ response }: Exchange): void {
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Via', '1.1 edge.local (CloudFront)');
  response.setHeader('X-Amz-Cf-Id', `${randomBytes(40).toString('base64url')}==`);
}

export function sendError({ response }: Exchange, page: ErrorPage, ageSeconds?: number): void {
  response.statusCode = page.status;
  response.setHeader('X-Cache', 'Error from cloudfront');
  response.setHeader('Content-Type', page.contentType);
  response.setHeader('Content-Length', Buffer.byteLength(page.body));
  if (ageSeconds !== undefined) response.setHeader('Age', ageSeconds);
  // Node leaves the body out where the request was a HEAD.
  response.end(page.body);
}

/** Sends the head of the answer; says whether, for this method and status, a body follows. */
function sendHead(
  exchange: Exchange,
  part: Part,
  object: { headers: ObjectHeaders; length: number; xCache: XCache; ageSeconds?: number },
): part is Extract<Part, { first: number }> {
  const { request, response } = exchange;
  if (part.status === 416) {
    response.setHeader('Content-Range', `bytes */${object.length}`);
    sendError(exchange, requestErrors.rangeNotSatisfiable);
    return false;
  }
  for (const [name, value] of Object.entries(object.headers)) response.setHeader(name, value);
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('X-Cache', `${object.xCache} from cloudfront`);
  if (object.ageSeconds !== undefined) response.setHeader('Age', object.ageSeconds);
  response.statusCode = part.status;
  if (part.status === 304) {
    response.removeHeader('Content-Type');
    response.end();
    return false;
  }
  response.setHeader('Content-Length', part.last - part.first + 1);
  if (part.status === 206) {
    response.setHeader('Content-Range', `bytes ${part.first}-${part.last}/${object.length}`);
  }
  if (request.method === 'HEAD') {
    response.end();
    return false;
  }
  return true;
}

/**
 * Streams a body to the viewer. When it fails half-way, no status can tell any more: `pipeline` cuts
 * the connection, and the viewer sees that Content-Length was not reached.
 *
 * @throws what made the source fail; a viewer who goes away is no fault
 */
async function stream(source: Readable, response: ServerResponse): Promise<void> {
  if (response.destroyed) {
    source.destroy();
    return;
  }
  try {
    await pipeline(source, response);
  } catch (error) {
    const viewerLeft =
      error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
    if (!viewerLeft) throw error;
  }
}

/** Sends an object that is in memory, or on its way there. */
export async function sendObject(
  exchange: Exchange,
  found: Extract<Found, { kind: 'object' }>,
): Promise<void> {
  const { body } = found;
  const part = choosePart(exchange.request.headers, found.headers, body.length);
  if (!sendHead(exchange, part, { ...found, length: body.length })) return;
  const source = Readable.from(body.read(part.first, part.last));
  // Swallowed here because whoever fills the body has reported it, once for all its viewers.
  await stream(source, exchange.response).catch(() => undefined);
}

/**
 * Passes a large object through. The answer at hand serves whoever takes it and wants all of it; for
 * a part, or when it is taken, the origin is asked again.
 *
 * @throws what `fetch` throws, and what makes the origin's body fail
 */
export async function sendLarge(
  exchange: Exchange,
  found: Extract<Found, { kind: 'large' }>,
  fetch: (range?: string) => Promise<IncomingMessage>,
): Promise<void> {
  const { request, response } = exchange;
  const part = choosePart(request.headers, found.headers, found.length);
  let source = found.take();
  const wantsBody = 'first' in part && request.method !== 'HEAD';
  if (source && (!wantsBody || part.status === 206)) {
    source.destroy();
    source = undefined;
  }
  if (wantsBody && !source) {
    const range = part.status === 206 ? `bytes=${part.first}-${part.last}` : undefined;
    source = await fetch(range);
    const expected = part.last - part.first + 1;
    if (
      source.statusCode !== part.status ||
      source.headers['content-length'] !== String(expected) ||
      source.headers.etag !== found.headers.etag
    ) {
      // It was replaced between the two requests; the headers at hand describe another object.
      source.destroy();
      sendError(exchange, originErrors.badGateway);
      return;
    }
  }
  if (sendHead(exchange, part, { ...found, xCache: 'Miss' }) && source) {
    await stream(source, response);
  }
}
