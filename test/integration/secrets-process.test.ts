import { execFile } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { apiEnvironment, awsCredentials, workerEnvironment } from '../support/config.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { type SecretStore, startSecretStore } from '../support/secret-store.ts';

let store: SecretStore;
let database: TestDatabase;

beforeAll(async () => {
  [store, database] = await Promise.all([startSecretStore(), createTestDatabase()]);
  const { username, password, hostname, port, pathname } = new URL(database.url);
  const rds = {
    engine: 'postgres',
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    host: hostname,
    port: Number(port),
    dbname: pathname.slice(1),
  };
  store.kept.set('media/db', JSON.stringify(rds));
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

/** Runs an entry of the service to its end, its secrets kept in the store. */
function run(entry: string, environment: Record<string, string | undefined>) {
  const file = path.resolve(import.meta.dirname, `../../src/start/${entry}.ts`);
  const env = {
    PATH: process.env.PATH,
    AWS_ACCESS_KEY_ID: awsCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: awsCredentials.secretAccessKey,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: store.url,
    ...environment,
    DATABASE_URL: undefined,
  };
  return new Promise<{ failed: boolean; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [file], { env }, (error, stdout, stderr) =>
      resolve({ failed: error !== null, stdout, stderr }),
    );
  });
}

test('the migration and the wishlist command connect with the secret that RDS keeps', async () => {
  const environment = { AWS_REGION: 'eu-central-1', DATABASE_URL_SECRET_ID: 'media/db' };
  expect(await run('migrate', environment)).toEqual({
    failed: false,
    stdout: 'the database is up to date\n',
    stderr: '',
  });
  const normalized = await run('wishlist-normalize', { ...environment, S3_INPUT_BUCKET: 'bucket' });
  expect(normalized).toMatchObject({ failed: false, stderr: '' });
});

test('API, worker and reaper end with a message when their secrets are missing', async () => {
  const secrets = {
    DATABASE_URL_SECRET_ID: 'media/missing',
    CLOUDFRONT_PRIVATE_KEY_PEM: undefined,
    CLOUDFRONT_PRIVATE_KEY_SECRET_ID: 'media/missing-key',
  };
  const database = 'DATABASE_URL_SECRET_ID names a secret that does not exist, or has no value yet';
  const key = database.replace('DATABASE_URL', 'CLOUDFRONT_PRIVATE_KEY');
  expect((await run('api', apiEnvironment(secrets))).stderr).toBe(
    `The configuration is not usable:\n  ${database}\n  ${key}\n`,
  );
  // The key is none of theirs: they may not even be allowed to read it.
  store.requests.length = 0;
  for (const entry of ['worker', 'reap']) {
    expect(await run(entry, workerEnvironment(secrets))).toEqual({
      failed: true,
      stdout: '',
      stderr: `The configuration is not usable:\n  ${database}\n`,
    });
  }
  expect(store.requests.map(({ id }) => id)).toEqual(['media/missing', 'media/missing']);
});

test('a service that is not there is named by its error code', async () => {
  const { failed, stderr } = await run('migrate', {
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:1',
    DATABASE_URL_SECRET_ID: 'media/db',
  });
  expect(failed).toBe(true);
  expect(stderr).toBe(
    'The configuration is not usable:\n  DATABASE_URL_SECRET_ID names a secret that could not be read: ECONNREFUSED\n',
  );
});
