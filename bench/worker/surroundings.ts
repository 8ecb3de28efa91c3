import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ingestKey } from '../../src/domain/object-keys.ts';
import { choosePorts } from '../../src/local/choose-ports.ts';
import { loadIdentity } from '../../src/local/identity.ts';
import { databaseUrl, startDatabase, startObjects, startQueues } from '../../src/local/parts.ts';
import { removePostgresFiles } from '../../src/local/postgres-home.ts';
import { serviceEnvironment } from '../../src/local/service-environment.ts';
import { loadWorkerConfig } from '../../src/shared/config.ts';
import { createDatabase } from '../../src/shared/database.ts';
import { newImageId } from '../../src/shared/image-ids.ts';
import { makeImageRecords } from '../../src/shared/image-records.ts';
import { createLogger } from '../../src/shared/logger.ts';
import { createObjectStore } from '../../src/shared/object-store.ts';
import type { BenchImage } from './corpus.ts';

const FIRST_PORT = 4600;

export interface Surroundings {
  /** The environment of a worker that works there. */
  environment: NodeJS.ProcessEnv;
  /** Stores a pending record and uploads its object, for each image. */
  upload(images: BenchImage[]): Promise<void>;
  close(): Promise<void>;
}

/** PostgreSQL, S3 and SQS of the local stack, in this process or below it, for a worker to use. */
export async function startSurroundings(): Promise<Surroundings> {
  const stateDir = await mkdtemp(path.join(os.tmpdir(), 'bench-worker-'));
  // PostgreSQL may have to run as another user, who passes through here.
  await chmod(stateDir, 0o711);
  const { ports } = await choosePorts(FIRST_PORT, false);
  const identity = await loadIdentity(stateDir);
  const postgres = await startDatabase(stateDir, ports.postgres);
  const queues = await startQueues(stateDir, ports.sqs);
  const onProblem = (part: string, error: unknown) => console.error(part, error);
  const s3 = await startObjects({ stateDir, ports, identity, onProblem }, queues);
  const environment = serviceEnvironment({
    identity,
    ports,
    databaseUrl: databaseUrl(postgres),
    queues,
    s3Url: s3.url,
  });
  // The SDK's provider chain reads these.
  process.env.AWS_ACCESS_KEY_ID = identity.credentials.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = identity.credentials.secretAccessKey;
  const objects = createObjectStore(loadWorkerConfig(environment));
  const logger = createLogger({ name: 'bench', level: 'error' });
  const database = createDatabase({ databaseUrl: databaseUrl(postgres), poolSize: 2, logger });
  const records = makeImageRecords(database);

  return {
    environment,
    async upload(images) {
      for (const { contentType, bytes } of images) {
        const id = newImageId();
        const objectKey = ingestKey(id);
        await records.insert({ id, contentType, fileName: 'bench', objectKey });
        await objects.put({ key: objectKey, body: bytes, contentType, cacheControl: 'no-store' });
      }
    },
    async close() {
      objects.close();
      await database.$disconnect();
      await s3.close();
      await queues.sqs.close();
      await postgres.stop();
      await removePostgresFiles(path.join(stateDir, 'postgres'));
      await rm(stateDir, { recursive: true, force: true });
    },
  };
}
