import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler, type Router } from 'express';
import { methodNotAllowed } from '../shared/http.ts';
import type { Logger } from '../shared/logger.ts';
import type { Telemetry } from '../shared/telemetry/telemetry.ts';
import { toHttpError } from './errors.ts';
import { routeNotFound } from './http-middleware.ts';

export interface MetricsServerOptions {
  /** The variable that the port comes from, for the message when it is taken. */
  variable: string;
  host: string;
  /** 0 for any. */
  port: number;
  telemetry: Pick<Telemetry, 'scrape' | 'watchProcess'>;
  logger: Logger;
  /** Answers below `/health`, where the process has no other port for it. */
  health?: Router;
}

export interface MetricsServer {
  port: number;
  close(): Promise<void>;
}

/**
 * Serves `/metrics` to those who operate the service, on a port that its callers do not reach.
 * Rejects with a message that names the variable when the port cannot be had.
 */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const { telemetry, logger, health } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((_request, response, next) => {
    response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
    next();
  });
  app
    .route('/metrics')
    .get(async (_request, response) => {
      const { contentType, body } = await telemetry.scrape();
      response.set('Content-Type', contentType).end(body);
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  if (health) app.use('/health', health);
  app.use(routeNotFound);
  app.use(errorResponder(logger));

  const server = createServer(app);
  const port = await listen(server, options);
  telemetry.watchProcess();
  logger.info({ port }, 'metrics.listening');

  return {
    port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      // A scrape that is cut off is asked for again; nothing is lost.
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(
  server: ReturnType<typeof createServer>,
  { variable, host, port }: MetricsServerOptions,
): Promise<number> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'somebody else listens there' : String(code ?? error);
    throw new Error(`${variable}: cannot listen on ${host}:${port}, ${why}`);
  }
}

/** Not the public interface's: there is no request context here. */
function errorResponder(logger: Logger): ErrorRequestHandler {
  return (error, _request, response, next) => {
    const { status, message, code } = toHttpError(error);
    if (status >= 500) logger.error({ err: error }, 'http.fault');
    if (response.headersSent) {
      next(error);
      return;
    }
    response.status(status).json({ message, code });
  };
}
