import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import cors from 'cors';
import express, { type Router } from 'express';
import { makeListImages } from '../features/gallery/list-images.ts';
import { makeCheckReadiness } from '../features/health/readiness.ts';
import { makeCreateIngestForm } from '../features/ingest/create-ingest-form.ts';
import { makeCreateIngestUrl } from '../features/ingest/create-ingest-url.ts';
import { makeGetSignedUrl, makeGetSignedUrls } from '../features/serve/get-signed-urls.ts';
import type { ApiConfig } from '../shared/config.ts';
import { pingDatabase } from '../shared/database.ts';
import { newImageId } from '../shared/image-ids.ts';
import type { ImageRecord } from '../shared/image-records.ts';
import type { EventFields } from '../shared/telemetry/events.ts';
import type { Telemetry } from '../shared/telemetry/telemetry.ts';
import { createAudits } from './audit.ts';
import { makeAdminAccessOf, makeUserIdOf } from './caller.ts';
import { closeServer } from './close-server.ts';
import { createContext } from './context.ts';
import { createDeleteImages } from './deletion.ts';
import { type ApiDeps, createApiDeps, type DepsOptions } from './deps.ts';
import { makeGalleryPage } from './gallery-page.ts';
import { makeGraphql } from './graphql.ts';
import { requestContext } from './http-middleware.ts';
import { createHttpServer } from './http-server.ts';
import { createLive } from './live.ts';
import { withLoadShedding } from './load-shedding.ts';
import { type MetricsServer, startMetricsServer } from './metrics-server.ts';
import { makeRest } from './rest.ts';
import { createWishlist } from './wishlist.ts';

const PREFLIGHT_MAX_AGE_SECS = 600;

export interface Api {
  port: number;
  /** Where `/metrics` is; null where it is off. */
  metricsPort: number | null;
  telemetry: Telemetry;
  /** Answers what is running, takes nothing new; idle connections are closed after `goodbyeMs`. */
  close(options?: { goodbyeMs: number }): Promise<void>;
}

export interface ApiOptions extends DepsOptions {
  /** Where the built gallery page is, unless it is the usual place. */
  galleryDirectory?: string | undefined;
  /** Rejects when this API had better not take any requests. */
  beforeListening?: (deps: ApiDeps) => Promise<void>;
}

/** Starts GraphQL, REST and the page on one port, metrics on another. Rejects when a port cannot be had. */
export async function startApi(config: ApiConfig, options: ApiOptions): Promise<Api> {
  const { logger } = options;
  const deps = createApiDeps(config, options);
  const ingestDeps = {
    records: deps.records,
    objects: deps.objects,
    newImageId,
    maxSizeBytes: config.S3_MAX_INGEST_SIZE_BYTES,
    expiresInSeconds: config.S3_INGEST_URL_EXPIRY_SECS,
  };
  const createIngestUrl = told(deps, 'put', makeCreateIngestUrl(ingestDeps));
  const deleteImages = createDeleteImages(deps);
  const live = createLive(config, deps);
  const wishlist = createWishlist(config, deps);
  const audit = createAudits(deps);
  const serve = { getSignedUrl: makeGetSignedUrl(deps), getSignedUrls: makeGetSignedUrls(deps) };
  const newContext = (requestId: string, userId: string | null) =>
    createContext(deps, requestId, userId);
  const graphql = await makeGraphql({
    wishlist,
    audit,
    createIngestUrl,
    deleteImages,
    listImages: makeListImages({ records: deps.records }),
    createIngestForm: told(deps, 'form', makeCreateIngestForm(ingestDeps)),
    watchImages: live.watchImages,
    explorable: config.NODE_ENV !== 'production',
    telemetry: deps.telemetry,
    newContext,
    streams: {
      maxStreams: config.LIVE_MAX_CONNECTIONS,
      heartbeatMs: config.LIVE_HEARTBEAT_SECS * 1000,
    },
  });
  const galleryPage = await makePage(config, deps, options.galleryDirectory);
  const userIdOf = makeUserIdOf(config);
  const adminAccessOf = makeAdminAccessOf(config);
  const checkReadiness = makeCheckReadiness({ database: () => pingDatabase(deps.database) });

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag'); // No answer may be stored, so nobody comes back with an ETag.
  app.use(
    requestContext(
      (requestId, request) =>
        createContext(deps, requestId, userIdOf(request), adminAccessOf(request)),
      deps.telemetry,
    ),
  );
  app.use(
    cors({
      origin: config.CORS_ORIGINS.includes('*') ? '*' : config.CORS_ORIGINS,
      exposedHeaders: ['x-request-id', 'Allow', 'Retry-After'],
      maxAge: PREFLIGHT_MAX_AGE_SECS,
    }),
  );
  app.use(graphql.router);
  app.use(
    makeRest({
      createIngestUrl,
      deleteImages,
      serve,
      wishlist,
      audit,
      checkReadiness,
      galleryPage,
    }),
  );

  const server = createHttpServer(withLoadShedding(app, config, deps), {
    maxStreams: config.LIVE_MAX_CONNECTIONS,
  });
  let metrics: MetricsServer | null = null;
  try {
    metrics = await startMetrics(config, deps);
    await options.beforeListening?.(deps);
    server.listen(config.PORT, config.HOST);
    await once(server, 'listening');
  } catch (error) {
    await metrics?.close();
    await graphql.close();
    await deps.close();
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  logger.info({ port }, 'api.listening');

  return {
    port,
    metricsPort: metrics?.port ?? null,
    telemetry: deps.telemetry,
    async close({ goodbyeMs } = { goodbyeMs: 0 }) {
      const timeoutMs = config.SHUTDOWN_TIMEOUT_SECS * 1000;
      const closed = closeServer(server, { goodbyeMs, timeoutMs });
      graphql.closeStreams();
      await closed;
      await graphql.close();
      await live.close();
      await metrics?.close();
      await deps.close();
    },
  };
}

async function makePage(
  config: ApiConfig,
  { objects, logger }: ApiDeps,
  directory: string | undefined,
): Promise<Router | null> {
  if (!config.GALLERY_PAGE) return null;
  const sources = { cdn: config.CLOUDFRONT_DOMAIN, uploads: await objects.uploadOrigin() };
  return makeGalleryPage({ sources, directory, logger });
}

async function startMetrics(
  { METRICS_PORT: port, HOST: host }: ApiConfig,
  { telemetry, logger }: ApiDeps,
): Promise<MetricsServer | null> {
  if (port === undefined) return null;
  return startMetricsServer({ variable: 'METRICS_PORT', host, port, telemetry, logger });
}

/** The same use-case, that tells of each image that somebody may now upload. */
function told<Input, Result extends { image: ImageRecord }>(
  { telemetry, logger }: Pick<ApiDeps, 'telemetry' | 'logger'>,
  via: EventFields['ingest.url_created']['via'],
  create: (input: Input) => Promise<Result>,
): (input: Input) => Promise<Result> {
  return async (input) => {
    const result = await create(input);
    const { id: imageId, contentType } = result.image;
    telemetry.emit('ingest.url_created', { imageId, contentType, via }, logger);
    return result;
  };
}
