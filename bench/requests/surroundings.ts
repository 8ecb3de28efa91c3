import { generateKeyPairSync, type KeyPairKeyObjectResult } from 'node:crypto';
import { chmod, mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { ulid } from 'ulid';
import { findFreePort } from '../../src/local/ports.ts';
import { createDatabaseIfMissing, startPostgres } from '../../src/local/postgres.ts';
import { removePostgresFiles } from '../../src/local/postgres-home.ts';
import { applyMigrations } from '../../src/shared/migrations.ts';

const MIGRATIONS = path.resolve(import.meta.dirname, '../../prisma/migrations');
const FIRST_PORT = 4900;
const IMAGES = 5_000;

const FILL = `
  INSERT INTO image_records
    (id, status, content_type, file_name, object_key, updated_at, size_bytes,
     version_id, etag, width, height, thumbhash, thumbnail_version_id)
  SELECT id, 'ready', 'image/jpeg', 'IMG_' || id || '.jpg', 'ingest/' || id, now(), 1234567,
    md5(id), md5(id || 'e'), 4032, 3024, 'H/gBBYB6fW94h5e313h31dc8j1BU', md5(id || 't')
  FROM unnest($1::text[]) AS id`;

export interface RequestSurroundings {
  /** Of images that are all ready. */
  ids: string[];
  /** Of a process under test that signs with this kind of key. */
  environment(key: 'ecdsa' | 'rsa'): NodeJS.ProcessEnv;
  close(): Promise<void>;
}

/** A PostgreSQL of its own with some thousand ready images; every other address leads nowhere. */
export async function startRequestSurroundings(): Promise<RequestSurroundings> {
  const stateDir = await mkdtemp(path.join(os.tmpdir(), 'bench-requests-'));
  // PostgreSQL may have to run as another user, who passes through here.
  await chmod(stateDir, 0o711);
  const port = await findFreePort(FIRST_PORT);
  const postgres = await startPostgres({ stateDir, port });
  const databaseUrl = postgres.url('bench');

  async function close(): Promise<void> {
    await postgres.stop();
    await removePostgresFiles(stateDir);
  }

  try {
    await createDatabaseIfMissing(postgres, 'bench');
    await applyMigrations({ databaseUrl, directory: MIGRATIONS });
    const ids = await fill(databaseUrl);
    const pems = {
      ecdsa: pem(generateKeyPairSync('ec', { namedCurve: 'P-256' })),
      rsa: pem(generateKeyPairSync('rsa', { modulusLength: 2048 })),
    };
    return { ids, environment: (key) => environment(databaseUrl, pems[key]), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function fill(databaseUrl: string): Promise<string[]> {
  const ids = Array.from({ length: IMAGES }, () => ulid());
  const sql = new pg.Client({ connectionString: databaseUrl });
  try {
    await sql.connect();
    await sql.query(FILL, [ids]);
    await sql.query('VACUUM ANALYZE image_records');
  } finally {
    await sql.end();
  }
  return ids;
}

function environment(databaseUrl: string, privateKeyPem: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: '0',
    // Whether there is a page depends on what was built last.
    GALLERY_PAGE: 'false',
    DATABASE_URL: databaseUrl,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIABENCHBENCHBENCH1',
    AWS_SECRET_ACCESS_KEY: 'bench-secret',
    S3_INPUT_BUCKET: 'bench-media',
    CLOUDFRONT_DOMAIN: 'https://cdn.example.com',
    CLOUDFRONT_KEY_PAIR_ID: 'K2JCJMDEHXQW5F',
    CLOUDFRONT_PRIVATE_KEY_PEM: privateKeyPem,
  };
}

function pem({ privateKey }: KeyPairKeyObjectResult): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
