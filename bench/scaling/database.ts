import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { loadIdentity } from '../../src/local/identity.ts';
import { databaseUrl, startDatabase } from '../../src/local/parts.ts';
import { findFreePort } from '../../src/local/ports.ts';
import { removePostgresFiles } from '../../src/local/postgres-home.ts';
import { newImageId } from '../../src/shared/image-ids.ts';

const FIRST_PORT = 4950;
const IMAGES = 1_000;
const FILL = `
  INSERT INTO image_records
    (id, status, content_type, file_name, object_key, updated_at, size_bytes,
     version_id, etag, width, height, thumbhash, thumbnail_version_id)
  SELECT id, 'ready', 'image/jpeg', 'IMG_' || id || '.jpg', 'ingest/' || id, now(), 1234567,
    md5(id), md5(id || 'e'), 4032, 3024, 'H/gBBYB6fW94h5e313h31dc8j1BU', md5(id || 't')
  FROM unnest($1::text[]) AS id`;

export interface ScalingDatabase {
  /** Of images that are all ready. */
  ids: string[];
  /** Of an API that works with it; every other address leads nowhere. */
  environment: NodeJS.ProcessEnv;
  close(): Promise<void>;
}

/** A PostgreSQL of its own with a thousand images that can be served. */
export async function startScalingDatabase(): Promise<ScalingDatabase> {
  const stateDir = await mkdtemp(path.join(os.tmpdir(), 'bench-scaling-'));
  // PostgreSQL may have to run as another user, who passes through here.
  await chmod(stateDir, 0o711);
  const identity = await loadIdentity(stateDir);
  const postgres = await startDatabase(stateDir, await findFreePort(FIRST_PORT));
  const url = databaseUrl(postgres);

  async function close(): Promise<void> {
    await postgres.stop();
    await removePostgresFiles(path.join(stateDir, 'postgres'));
    await rm(stateDir, { recursive: true, force: true });
  }

  const ids = Array.from({ length: IMAGES }, () => String(newImageId()));
  const sql = new pg.Client({ connectionString: url });
  try {
    await sql.connect();
    await sql.query(FILL, [ids]);
    await sql.query('VACUUM ANALYZE image_records');
  } catch (error) {
    await close();
    throw error;
  } finally {
    await sql.end().catch(() => {});
  }
  return {
    ids,
    environment: {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: '0',
      GALLERY_PAGE: 'false',
      DATABASE_URL: url,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: identity.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: identity.credentials.secretAccessKey,
      S3_INPUT_BUCKET: 'bench-media',
      CLOUDFRONT_DOMAIN: 'cdn.example.com',
      CLOUDFRONT_KEY_PAIR_ID: identity.keyPairId,
      CLOUDFRONT_PRIVATE_KEY_PEM: identity.privateKey,
    },
    close,
  };
}
