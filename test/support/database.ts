import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** A migrated, empty database for one test file. */
export interface TestDatabase {
  url: string;
  /** Removes it, also while something is still connected. */
  drop(): Promise<void>;
}

function adminUrl(): string {
  const url = process.env.TEST_POSTGRES_URL;
  if (url === undefined)
    throw new Error('TEST_POSTGRES_URL is unset: global-setup.ts did not run.');
  return url;
}

/** Runs one statement as superuser, outside any test database. */
async function administer(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl() });
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** A new database made by `how`, which follows CREATE DATABASE name. */
async function create(how: string): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await administer(`CREATE DATABASE ${name} ${how}`);
  const url = new URL(adminUrl());
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

/** Clones the migrated template (about 0.1 s). */
export function createTestDatabase(): Promise<TestDatabase> {
  return create('TEMPLATE template_media');
}

/** A database without any table, for tests of migrations themselves. */
export function createEmptyDatabase(): Promise<TestDatabase> {
  return create('TEMPLATE template0');
}
