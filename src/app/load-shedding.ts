import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type Admission, createAdmission, type ShedReason } from '../shared/admission.ts';
import type { ApiConfig } from '../shared/config.ts';
import type { Logger } from '../shared/logger.ts';
import { whenBodyIsHere } from './body-arrival.ts';
import type { ApiDeps } from './deps.ts';
import { ANSWER_GOES_ON, requestIdOf } from './http-middleware.ts';
import { makeShedAnswer } from './shed-answer.ts';

/**
 * Requests let in at a time, for each database connection: fewer, and a connection that comes free
 * finds nobody who needs it; more only wait for one another inside.
 */
const IN_FLIGHT_PER_CONNECTION = 4;
/** How long a client may take no byte of an answer that is ready, in milliseconds. */
const UNREAD_ANSWER_MS = 30_000;
const LOG_EVERY_MS = 1_000;

export interface LoadSheddingOptions {
  admission: Admission;
  /** Whose pages may read a refusal: origins, or `*`. */
  corsOrigins: readonly string[];
  onShed(reason: ShedReason): void;
  unreadAnswerMs?: number;
}

/**
 * Puts a door in front of the whole application: a request takes a place from when it is here, body
 * included, until its answer is ready, so that neither a slow sender nor a slow reader holds one; an
 * open stream holds none either, for LIVE_MAX_CONNECTIONS counts those. Refusals happen before
 * anything of the application runs: they have to be cheap when there are many. Health is always let in.
 */
export function shedLoad(app: RequestListener, options: LoadSheddingOptions): RequestListener {
  const { admission, corsOrigins, onShed, unreadAnswerMs = UNREAD_ANSWER_MS } = options;
  const answerShed = makeShedAnswer(corsOrigins);

  function queue(request: IncomingMessage, response: ServerResponse): void {
    // The socket is gone before anybody could be told.
    if (response.closed) return;
    const place = admission.place({
      admitted: () => app(request, response),
      refused(reason) {
        onShed(reason);
        answerShed(request, response, requestIdOf(request));
      },
    });
    response.once(ANSWER_GOES_ON, place.leave);
    response.once('close', place.leave);
    response.once('prefinish', place.leave);
    place.enter();
  }

  return (request, response) => {
    // Silence after this destroys the connection, unless it goes on with another request.
    response.once('prefinish', () => response.socket?.setTimeout(unreadAnswerMs));
    if (isHealth(request.url)) app(request, response);
    else {
      whenBodyIsHere(request, {
        here: () => queue(request, response),
        // Takes no place, since nothing is left to do but to log and count it.
        brokenOff: () => app(request, response),
      });
    }
  };
}

/** As it is set up by configuration: with `API_MAX_IN_FLIGHT` 0, everybody is let in. */
export function withLoadShedding(
  app: RequestListener,
  config: Pick<ApiConfig, 'API_MAX_IN_FLIGHT' | 'DATABASE_POOL_SIZE' | 'CORS_ORIGINS'>,
  { telemetry, logger }: Pick<ApiDeps, 'telemetry' | 'logger'>,
): RequestListener {
  const limit = config.API_MAX_IN_FLIGHT ?? config.DATABASE_POOL_SIZE * IN_FLIGHT_PER_CONNECTION;
  const maxInFlight = limit === 0 ? Number.POSITIVE_INFINITY : limit;
  const admission = createAdmission({ maxInFlight });
  const metrics = telemetry.watchAdmission(admission);
  const logShed = makeShedLog(admission, logger);

  function onShed(reason: ShedReason): void {
    metrics.requestShed(reason);
    logShed();
  }

  return shedLoad(app, { admission, corsOrigins: config.CORS_ORIGINS, onShed });
}

/** Logs at the first refusal, then a line a second at most: one for each would cost more than it. */
export function makeShedLog(
  { inFlight, waiting }: Pick<Admission, 'inFlight' | 'waiting'>,
  logger: Pick<Logger, 'warn'>,
  now: () => number = () => performance.now(),
): () => void {
  let count = 0;
  let loggedAt = Number.NEGATIVE_INFINITY;
  return () => {
    count += 1;
    const at = now();
    if (at - loggedAt < LOG_EVERY_MS) return;
    logger.warn({ count, inFlight: inFlight(), waiting: waiting() }, 'load.shed');
    loggedAt = at;
    count = 0;
  };
}

const HEALTH = /^\/api\/health(?:[/?]|$)/i;

function isHealth(url = ''): boolean {
  return HEALTH.test(url);
}
