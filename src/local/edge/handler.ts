import { type Exchange, sendError, sendLarge, sendObject, setCommonHeaders } from './answer.ts';
import { behaviourFor } from './behaviours.ts';
import { forBrowsers } from './browser-cache.ts';
import { applyCors, isPreflight, sendOptions } from './cors.ts';
import { originErrors, requestErrors } from './errors.ts';
import type { Objects } from './objects.ts';
import type { SignatureVerifier } from './signed-url.ts';
import { forwardedParameters, parseTarget } from './viewer-request.ts';

export interface HandlerDeps {
  verify: SignatureVerifier;
  objects: Objects;
  corsOrigins: readonly string[];
  now: () => number;
  onProblem: (error: unknown) => void;
}

const ALLOWED_METHODS = ['GET', 'HEAD', 'OPTIONS'];

function hasBody({ request }: Exchange): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  return encoding !== undefined || (length !== undefined && length !== '0');
}

/** Refuses what carries a body, and closes the connection rather than read the body to its end. */
function refuseUnread(exchange: Exchange, page: typeof requestErrors.methodNotAllowed): void {
  if (hasBody(exchange)) exchange.response.setHeader('Connection', 'close');
  sendError(exchange, page);
}

/** Answers one viewer: method, path, signature, and only then anything that costs something. */
export function createHandler(deps: HandlerDeps): (exchange: Exchange) => Promise<void> {
  const { verify, objects, corsOrigins, now, onProblem } = deps;

  return async (exchange) => {
    const { request, response } = exchange;
    setCommonHeaders(exchange);
    const corsAllowed = applyCors(request, response, corsOrigins);

    if (!ALLOWED_METHODS.includes(request.method ?? '')) {
      return refuseUnread(exchange, requestErrors.methodNotAllowed);
    }
    if (hasBody(exchange)) return refuseUnread(exchange, requestErrors.bodyNotAllowed);

    const target = parseTarget(request.url);
    const { host } = request.headers;
    if (!target || !host) return sendError(exchange, requestErrors.badRequest);
    const behaviour = behaviourFor(target.path);
    if (!behaviour) return sendError(exchange, requestErrors.noSuchPath);

    // OPTIONS too: CloudFront wants a signature on every request of a restricted behaviour, and the
    // browser's preflight goes to the same signed URL as the request that follows.
    if (behaviour.access === 'signed') {
      const refusal = verify({
        // The edge listens without TLS, so `http`. A URL signed for https is another resource.
        baseUrl: `http://${host}${target.rawPath}`,
        rawParameters: target.rawParameters,
        viewerAddress: request.socket.remoteAddress ?? '',
        nowMs: now(),
      });
      if (refusal) return sendError(exchange, refusal);
    }
    const parameters = forwardedParameters(target.rawParameters);
    if (!parameters) return sendError(exchange, requestErrors.badRequest);

    if (request.method === 'OPTIONS') {
      if (isPreflight(request) && !corsAllowed) {
        return sendError(exchange, requestErrors.corsNotAllowed);
      }
      return sendOptions(request, response);
    }

    const id = { path: target.path, ...parameters };
    const found = forBrowsers(await objects.find(id), behaviour.access);
    if (found.kind === 'refusal') return sendError(exchange, found.page, found.ageSeconds);
    if (found.kind === 'object') return sendObject(exchange, found);
    try {
      await sendLarge(exchange, found, (range) => objects.fetchLarge(id, range));
    } catch (error) {
      onProblem(error);
      if (response.headersSent) response.destroy();
      else sendError(exchange, originErrors.badGateway);
    }
  };
}
