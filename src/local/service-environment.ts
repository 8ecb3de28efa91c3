import { createHmac } from 'node:crypto';
import { FOREIGN_AWS_VARIABLES } from './foreign-aws-variables.ts';
import type { Identity } from './identity.ts';
import { BUCKET, DISTRIBUTION_ID, type Ports, type Queues, REGION } from './parts.ts';

export interface Surroundings {
  identity: Identity;
  ports: Ports;
  databaseUrl: string;
  queues: Queues;
  s3Url: string;
}

/** Whose wishlist it is: no gateway says so here. */
const LOCAL_USER = 'local-user';

/** As the Dockerfile has them: with glibc's own, decoding leaves hundreds of megabytes behind. */
const MEMORY_SETTINGS = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '131072' };

/**
 * The environment of the API and the worker. Settings of the caller's shell that are no addresses
 * or credentials (LOG_LEVEL, S3_MAX_INGEST_SIZE_BYTES, ...) are handed through.
 */
export function serviceEnvironment(surroundings: Surroundings): NodeJS.ProcessEnv {
  const { identity, ports, databaseUrl, queues, s3Url } = surroundings;
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !FOREIGN_AWS_VARIABLES.includes(name)),
  );
  return {
    NODE_ENV: 'development',
    DEFAULT_USER_ID: LOCAL_USER,
    ...MEMORY_SETTINGS,
    ...inherited,
    ADMIN_TOKEN: adminToken(identity),
    HOST: '127.0.0.1',
    PORT: String(ports.api),
    METRICS_PORT: String(ports.apiMetrics),
    WORKER_HTTP_PORT: String(ports.workerHealth),
    DATABASE_URL: databaseUrl,
    AWS_REGION: REGION,
    AWS_ACCESS_KEY_ID: identity.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: identity.credentials.secretAccessKey,
    AWS_ENDPOINT_URL_S3: s3Url,
    AWS_ENDPOINT_URL_SQS: queues.sqs.url,
    AWS_ENDPOINT_URL_CLOUDFRONT: cloudfrontUrl(ports),
    CLOUDFRONT_DISTRIBUTION_ID: DISTRIBUTION_ID,
    S3_INPUT_BUCKET: BUCKET,
    S3_FORCE_PATH_STYLE: 'true',
    SQS_MEDIA_QUEUE_URL: queues.queueUrl,
    SQS_MEDIA_DLQ_URL: queues.deadLetterQueueUrl,
    CLOUDFRONT_DOMAIN: edgeUrl(ports),
    CLOUDFRONT_KEY_PAIR_ID: identity.keyPairId,
    CLOUDFRONT_PRIVATE_KEY_PEM: identity.privateKey,
  };
}

/** For the admin routes, unless the caller's shell has one: of this checkout, the same at every start. */
export function adminToken({ credentials }: Identity): string {
  const { ADMIN_TOKEN: own } = process.env;
  return (
    own || createHmac('sha256', credentials.secretAccessKey).update('admin').digest('base64url')
  );
}

export function apiUrl(ports: Ports): string {
  return `http://localhost:${ports.api}`;
}

export function apiMetricsUrl(ports: Ports): string {
  return `http://localhost:${ports.apiMetrics}/metrics`;
}

/** Metrics are beside it, at `/metrics`. */
export function workerHealthUrl(ports: Ports): string {
  return `http://localhost:${ports.workerHealth}/health`;
}

export function edgeUrl(ports: Ports): string {
  return `http://localhost:${ports.edge}`;
}

/** Where the edge is managed, not where it is read. */
export function cloudfrontUrl(ports: Ports): string {
  return `http://127.0.0.1:${ports.cloudfront}`;
}
