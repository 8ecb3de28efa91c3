import path from 'node:path';
import { findFreePort } from '../../src/local/ports.ts';
import { createDatabaseIfMissing, startPostgres } from '../../src/local/postgres.ts';
import { removePostgresFiles } from '../../src/local/postgres-home.ts';
import { createDatabase } from '../../src/shared/database.ts';
import { newImageId } from '../../src/shared/image-ids.ts';
import { createLogger } from '../../src/shared/logger.ts';
import { applyMigrations } from '../../src/shared/migrations.ts';
import { DOMAIN, KEY_PAIR_ID, makeKey } from '../crypto/keys.ts';

const MIGRATIONS = path.resolve(import.meta.dirname, '../../prisma/migrations');
const IMAGES = 2_000;

const FILL = `
  INSERT INTO image_records
    (id, status, content_type, file_name, object_key, updated_at, size_bytes, version_id, etag,
     width, height, thumbhash, thumbnail_version_id)
  SELECT id, 'ready', 'image/jpeg', 'bench.jpg', 'ingest/' || id, now(), 1234567, md5(id),
    md5(id || 'e'), 4032, 3024, 'H/gBBYB6fW94h5e313h31dc8j1BU', md5(id || 't')
  FROM unnest($1::text[]) AS id`;

export interface StartSurroundings {
  /** Of images that are ready. */
  ids: string[];
  /** Of an API in production; the store that it presigns for is never asked. */
  environment: NodeJS.ProcessEnv;
  close(): Promise<void>;
}

/** A PostgreSQL with some images. */
export async function startDatabaseOf(directory: string): Promise<StartSurroundings> {
  const stateDir = path.join(directory, 'postgres');
  const postgres = await startPostgres({ stateDir, port: await findFreePort(0) });
  async function close(): Promise<void> {
    await postgres.stop();
    await removePostgresFiles(stateDir);
  }
  try {
    await createDatabaseIfMissing(postgres, 'bench');
    const databaseUrl = postgres.url('bench');
    await applyMigrations({ databaseUrl, directory: MIGRATIONS });
    const ids = await fill(databaseUrl);
    return { ids, environment: environmentOf(databaseUrl), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function fill(databaseUrl: string): Promise<string[]> {
  const ids = Array.from({ length: IMAGES }, () => newImageId());
  const logger = createLogger({ name: 'bench', level: 'error' });
  const database = createDatabase({ databaseUrl, poolSize: 1, logger });
  try {
    await database.$executeRawUnsafe(FILL, ids);
  } finally {
    await database.$disconnect();
  }
  return ids;
}

function environmentOf(databaseUrl: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    // As the Dockerfile has them.
    NODE_ENV: 'production',
    NODE_OPTIONS: '--enable-source-maps',
    MALLOC_ARENA_MAX: '2',
    MALLOC_TRIM_THRESHOLD_: '131072',
    HOST: '127.0.0.1',
    PORT: '0',
    DATABASE_URL: databaseUrl,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIDBENCHBENCHBENCH0',
    AWS_SECRET_ACCESS_KEY: 'bench-bench-bench-bench-bench-bench-0000',
    S3_INPUT_BUCKET: 'bench-media',
    // Whether there is a page depends on what was built last.
    GALLERY_PAGE: 'false',
    CLOUDFRONT_DOMAIN: DOMAIN,
    CLOUDFRONT_KEY_PAIR_ID: KEY_PAIR_ID,
    CLOUDFRONT_PRIVATE_KEY_PEM: makeKey('ecdsa').pem,
  };
}
