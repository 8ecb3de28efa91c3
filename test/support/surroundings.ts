import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { ContentType } from '../../src/domain/content-types.ts';
import type { ImageId } from '../../src/domain/image-id.ts';
import { ingestKey } from '../../src/domain/object-keys.ts';
import { startLocalS3 } from '../../src/local/s3/server.ts';
import { startSqs } from '../../src/local/sqs.ts';
import { createDatabase, pingDatabase } from '../../src/shared/database.ts';
import { newImageId } from '../../src/shared/image-ids.ts';
import {
  type ImageRecord,
  type ImageRecords,
  makeImageRecords,
} from '../../src/shared/image-records.ts';
import { awsCredentials, workerEnvironment } from './config.ts';
import { createTestDatabase } from './database.ts';
import { eventually } from './eventually.ts';
import { type HttpProxy, startHttpProxy } from './http-proxy.ts';
import { captureLog } from './log.ts';
import { connectBucket, type MediaBucket } from './media-bucket.ts';
import { connectQueue, type MediaQueue } from './media-queue.ts';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.ts';

export const BUCKET = 'media';
const REGION = 'us-east-1';

/** What a worker works with: the real thing each, and a proxy in front of each. */
export interface Surroundings {
  bucket: MediaBucket;
  queue: MediaQueue;
  proxies: { s3: HttpProxy; sqs: HttpProxy; database: TcpProxy };
  /** The environment of a worker process that goes through the proxies. */
  environment: Record<string, string | undefined>;
  /** Stores a pending record, under `ingest/` unless told. */
  addRecord(contentType?: ContentType, objectKey?: string, id?: ImageId): Promise<ImageId>;
  /** Past the proxies, as everything here. */
  records: ImageRecords;
  /** Throws when there is none. */
  record(id: ImageId): Promise<ImageRecord>;
  /** Resolves when every event is told. */
  told(): Promise<void>;
  /** Resolves when every event is told, and no message waits or is being handled. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface SurroundingsOptions {
  /** Whether the bucket is; true unless told. */
  versioned?: boolean;
  /** Whether uploads under `ingest/` are told to the queue; true unless told. */
  notify?: boolean;
}

/** Starts S3, a queue and a database of their own. */
export async function startSurroundings(options: SurroundingsOptions = {}): Promise<Surroundings> {
  const { versioned = true, notify = true } = options;
  const directory = await mkdtemp(path.join(os.tmpdir(), 'worker-test-'));
  const database = await createTestDatabase();
  const sqs = await startSqs({ dataDir: path.join(directory, 'sqs'), port: 0, region: REGION });
  const queues = await sqs.createQueueWithDeadLetters({
    name: 'media-ingest',
    deadLetterName: 'media-ingest-dlq',
    visibilityTimeoutSecs: 60,
    maxReceiveCount: 3,
  });
  const s3 = await startLocalS3({
    dataDir: path.join(directory, 's3'),
    port: 0,
    region: REGION,
    credentials: awsCredentials,
    corsOrigins: [],
    notifications: notify
      ? [{ bucket: BUCKET, prefix: 'ingest/', send: (body) => sqs.send(queues.queueUrl, body) }]
      : [],
  });
  await s3.createBucket(BUCKET, { versioned });

  const databaseUrl = new URL(database.url);
  const target = { host: databaseUrl.hostname, port: Number(databaseUrl.port) };
  const proxies = {
    s3: await startHttpProxy(s3.url),
    sqs: await startHttpProxy(sqs.url),
    database: await startTcpProxy(target),
  };
  databaseUrl.host = `127.0.0.1:${proxies.database.port}`;

  const bucket = connectBucket({
    url: s3.url,
    bucket: BUCKET,
    region: REGION,
    credentials: awsCredentials,
  });
  const queue = connectQueue({ url: sqs.url, ...queues }, awsCredentials);
  const { logger } = captureLog();
  const direct = createDatabase({ databaseUrl: database.url, poolSize: 2, logger });
  // Prisma imports its engine at the first query, which Jest refuses between two tests.
  await pingDatabase(direct);
  const records = makeImageRecords(direct);

  return {
    bucket,
    queue,
    proxies,
    environment: workerEnvironment({
      AWS_ACCESS_KEY_ID: awsCredentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: awsCredentials.secretAccessKey,
      AWS_REGION: REGION,
      AWS_ENDPOINT_URL_S3: proxies.s3.url,
      AWS_ENDPOINT_URL_SQS: proxies.sqs.url,
      DATABASE_URL: databaseUrl.href,
      S3_INPUT_BUCKET: BUCKET,
      S3_FORCE_PATH_STYLE: 'true',
      SQS_MEDIA_QUEUE_URL: queues.queueUrl,
      SQS_MEDIA_DLQ_URL: queues.deadLetterQueueUrl,
      SQS_WAIT_TIME_SECS: '1',
    }),
    async addRecord(contentType = 'image/png', objectKey, id = newImageId()) {
      const key = objectKey ?? ingestKey(id);
      await records.insert({ id, contentType, fileName: 'a.png', objectKey: key });
      return id;
    },
    records,
    async record(id) {
      const [record] = await records.findMany([id]);
      if (!record) throw new Error(`there is no record ${id}`);
      return record;
    },
    told: () => s3.flushEvents(),
    async settled() {
      await s3.flushEvents();
      await eventually(async () => {
        const { waiting, inFlight } = await queue.depth();
        if (waiting + inFlight > 0) throw new Error(`${waiting} wait, ${inFlight} are in flight`);
      });
    },
    async close() {
      bucket.close();
      queue.close();
      await Promise.all(Object.values(proxies).map((proxy) => proxy.close()));
      await direct.$disconnect();
      await s3.close();
      await sqs.close();
      await database.drop();
      await rm(directory, { recursive: true });
    },
  };
}
