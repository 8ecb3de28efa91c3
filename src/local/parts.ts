import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { applyMigrations } from '../shared/migrations.ts';
import { type EdgeControl, startEdgeControl } from './edge/control.ts';
import { type Edge, startEdge } from './edge/server.ts';
import type { Identity } from './identity.ts';
import {
  createDatabaseIfMissing,
  type LocalPostgres,
  startPostgres,
  stopAbandonedPostgres,
} from './postgres.ts';
import { type LocalS3, startLocalS3 } from './s3/server.ts';
import { type LocalSqs, startSqs } from './sqs.ts';

export const REGION = 'us-east-1';
export const BUCKET = 'media';
export const DISTRIBUTION_ID = 'E1LOCALMEDIAEDGE';
const DATABASE = 'media';
const POSTGRES_DIRECTORY = 'postgres';
const QUEUE = 'media-ingest';
const DEAD_LETTER_QUEUE = 'media-ingest-dlq';
/** As the infrastructure has it: three tries, then a dead letter. */
const MAX_RECEIVES = 3;
const VISIBILITY_TIMEOUT_SECS = 60;

export interface Ports {
  api: number;
  edge: number;
  s3: number;
  sqs: number;
  postgres: number;
  apiMetrics: number;
  workerHealth: number;
  cloudfront: number;
}

export interface PartsOptions {
  stateDir: string;
  ports: Ports;
  identity: Identity;
  onProblem: (part: string, error: unknown) => void;
}

const MIGRATIONS = new URL('../../prisma/migrations', import.meta.url);

/** What AWS is to the service in production, on this machine. First of all PostgreSQL, migrated. */
export async function startDatabase(stateDir: string, port: number): Promise<LocalPostgres> {
  const postgres = await startPostgres({ stateDir: path.join(stateDir, POSTGRES_DIRECTORY), port });
  try {
    await createDatabaseIfMissing(postgres, DATABASE);
    await applyMigrations({
      databaseUrl: postgres.url(DATABASE),
      directory: fileURLToPath(MIGRATIONS),
    });
    return postgres;
  } catch (error) {
    // Left running it would outlive the stack, or be in the way of the next try.
    await postgres.stop();
    throw error;
  }
}

/** After a kill -9 of the stack PostgreSQL still runs, and holds its port. */
export function stopAbandonedDatabase(stateDir: string): Promise<void> {
  return stopAbandonedPostgres(path.join(stateDir, POSTGRES_DIRECTORY));
}

export function databaseUrl(postgres: LocalPostgres): string {
  return postgres.url(DATABASE);
}

export interface Queues {
  sqs: LocalSqs;
  queueUrl: string;
  deadLetterQueueUrl: string;
}

export async function startQueues(stateDir: string, port: number): Promise<Queues> {
  const sqs = await startSqs({ dataDir: path.join(stateDir, 'sqs'), port, region: REGION });
  const urls = await sqs.createQueueWithDeadLetters({
    name: QUEUE,
    deadLetterName: DEAD_LETTER_QUEUE,
    visibilityTimeoutSecs: VISIBILITY_TIMEOUT_SECS,
    maxReceiveCount: MAX_RECEIVES,
  });
  return { sqs, ...urls };
}

/** The versioned bucket, telling the queue of everything that is put under `ingest/`. */
export async function startObjects(options: PartsOptions, queues: Queues): Promise<LocalS3> {
  const dataDir = path.join(options.stateDir, 's3');
  await mkdir(dataDir, { recursive: true });
  const s3 = await startLocalS3({
    dataDir,
    port: options.ports.s3,
    region: REGION,
    credentials: options.identity.credentials,
    corsOrigins: ['*'],
    notifications: [
      {
        bucket: BUCKET,
        prefix: 'ingest/',
        send: (body) => queues.sqs.send(queues.queueUrl, body),
      },
    ],
    onProblem: (error) => options.onProblem('S3', error),
  });
  await s3.createBucket(BUCKET, { versioned: true });
  return s3;
}

export function startCdn(options: PartsOptions, s3: LocalS3): Promise<Edge> {
  const { identity } = options;
  return startEdge({
    port: options.ports.edge,
    originUrl: `${s3.url}/${BUCKET}`,
    region: REGION,
    originCredentials: identity.credentials,
    publicKeys: new Map([[identity.keyPairId, identity.publicKey]]),
    corsOrigins: ['*'],
    accessLogFile: path.join(options.stateDir, 'logs', 'edge-access.log'),
    onProblem: (error) => options.onProblem('edge', error),
  });
}

/** Where the service tells the CDN what to forget. */
export function startCdnControl(options: PartsOptions, edge: Edge): Promise<EdgeControl> {
  return startEdgeControl({
    port: options.ports.cloudfront,
    credentials: options.identity.credentials,
    distributionId: DISTRIBUTION_ID,
    invalidate: edge.invalidate,
    onProblem: (error) => options.onProblem('edge', error),
  });
}
