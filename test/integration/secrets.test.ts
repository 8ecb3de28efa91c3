import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  ConfigError,
  loadApiConfig,
  loadWorkerConfig,
  type SecretVariable,
} from '../../src/shared/config.ts';
import { resolveSecrets } from '../../src/shared/secrets.ts';
import { apiEnvironment, cdnKey, workerEnvironment } from '../support/config.ts';
import { type SecretStore, startSecretStore } from '../support/secret-store.ts';

const BOTH: SecretVariable[] = ['DATABASE_URL', 'CLOUDFRONT_PRIVATE_KEY_PEM'];
const URL_TEXT = 'postgresql://media:hunter2@db.internal:5432/media';

let store: SecretStore;

beforeAll(async () => {
  store = await startSecretStore();
});
beforeEach(() => {
  store.kept.clear();
  store.requests.length = 0;
});
afterAll(() => store.close());

/** An environment that keeps both secrets elsewhere; `overrides` win. */
function environment(overrides: Record<string, string | undefined> = {}) {
  return apiEnvironment({
    DATABASE_URL: undefined,
    CLOUDFRONT_PRIVATE_KEY_PEM: undefined,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: store.url,
    AWS_ENDPOINT_URL_SSM: store.url,
    ...overrides,
  });
}

async function load(overrides: Record<string, string | undefined>) {
  const resolved = await resolveSecrets(BOTH, environment(overrides));
  return loadApiConfig(resolved.environment, resolved.secrets);
}

/** The lines of the error, without the first. */
async function problemsOf(overrides: Record<string, string | undefined>): Promise<string[]> {
  try {
    await load(overrides);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [first, ...lines] = error.message.split('\n');
    expect(first).toBe('The configuration is not usable:');
    return lines.map((line) => line.trim());
  }
  throw new Error('the configuration was taken');
}

const SECRET_ARN = 'arn:aws:secretsmanager:eu-west-3:123456789012:secret:media/db-AbCdEf';
const PARAMETER_ARN = 'arn:aws:ssm:us-gov-west-1:123456789012:parameter/media/db';

describe('a secret is asked for where its id says', () => {
  test.each([
    ['media/db', 'secretsmanager.GetSecretValue', 'media/db', 'eu-central-1'],
    [SECRET_ARN, 'secretsmanager.GetSecretValue', SECRET_ARN, 'eu-west-3'],
    ['/media/db', 'AmazonSSM.GetParameter', '/media/db', 'eu-central-1'],
    ['ssm:media-db', 'AmazonSSM.GetParameter', 'media-db', 'eu-central-1'],
    [PARAMETER_ARN, 'AmazonSSM.GetParameter', PARAMETER_ARN, 'us-gov-west-1'],
  ])('%s', async (id, target, asked, region) => {
    store.kept.set(asked, URL_TEXT);
    store.kept.set('key', cdnKey.pem);
    const config = await load({
      DATABASE_URL_SECRET_ID: ` ${id} `,
      CLOUDFRONT_PRIVATE_KEY_SECRET_ID: 'key',
    });
    expect(config.DATABASE_URL).toBe(URL_TEXT);
    expect(config.CLOUDFRONT_PRIVATE_KEY_PEM.equals(cdnKey.privateKey)).toBe(true);
    expect(store.requests).toContainEqual({ target, id: asked, region });
    expect(store.requests).toHaveLength(2);
  });

  test('a key that was uploaded as a binary file', async () => {
    store.kept.set('key', Buffer.from(cdnKey.pem));
    const config = await load({
      DATABASE_URL: URL_TEXT,
      CLOUDFRONT_PRIVATE_KEY_SECRET_ID: 'key',
    });
    expect(config.CLOUDFRONT_PRIVATE_KEY_PEM.equals(cdnKey.privateKey)).toBe(true);
  });

  test('nothing is asked for what a process does not need, or has', async () => {
    const resolved = await resolveSecrets(
      ['DATABASE_URL'],
      workerEnvironment({
        CLOUDFRONT_PRIVATE_KEY_SECRET_ID: 'key',
        AWS_ENDPOINT_URL_SECRETS_MANAGER: store.url,
      }),
    );
    expect(loadWorkerConfig(resolved.environment, resolved.secrets)).toHaveProperty('DATABASE_URL');
    expect(store.requests).toEqual([]);
  });
});

describe('the JSON that RDS keeps', () => {
  const rds = {
    engine: 'postgres',
    username: 'me@dia',
    password: 'p/w#:?%&é "',
    host: 'db.internal',
    port: 5433,
    dbname: 'me dia',
    dbInstanceIdentifier: 'x',
  };
  const KEY = { CLOUDFRONT_PRIVATE_KEY_PEM: cdnKey.pem, DATABASE_URL_SECRET_ID: 'db' };

  test('becomes a URL that means the same', async () => {
    store.kept.set('db', JSON.stringify(rds));
    const url = new URL((await load(KEY)).DATABASE_URL);
    expect(url.protocol).toBe('postgresql:');
    expect(url.host).toBe('db.internal:5433');
    expect(url.search).toBe('');
    expect([url.username, url.password, url.pathname].map(decodeURIComponent)).toEqual([
      rds.username,
      rds.password,
      '/me dia',
    ]);
  });

  test.each([
    [{ port: '5433' }, ':5433/'],
    [{ port: undefined }, ':5432/'],
    [{ host: '2001:db8::1' }, '@[2001:db8::1]:5433/'],
    [{ engine: 'aurora-postgresql' }, '@db.internal:5433/'],
    [{ engine: undefined }, '@db.internal:5433/'],
  ])('with %j', async (change, expected) => {
    store.kept.set('db', JSON.stringify({ ...rds, ...change }));
    expect((await load(KEY)).DATABASE_URL).toContain(expected);
  });

  test.each([
    [{ ...rds, host: undefined, dbname: '' }, 'has no usable host, dbname'],
    [{ ...rds, host: 'evil.test/x?@' }, 'has no usable host'],
    [{ ...rds, port: 'all' }, 'has no usable port'],
    [{ ...rds, engine: 'mysql' }, 'belongs to another engine than PostgreSQL'],
  ])('%j is refused: %s', async (value, problem) => {
    store.kept.set('db', JSON.stringify(value));
    expect(await problemsOf(KEY)).toEqual([
      `DATABASE_URL_SECRET_ID names a secret that ${problem}`,
    ]);
  });

  test('cut off is refused, and not quoted', async () => {
    store.kept.set('db', '{"password":"hunter2"');
    expect(await problemsOf(KEY)).toEqual([
      'DATABASE_URL_SECRET_ID names a secret that begins like JSON and is none',
    ]);
  });
});

describe('what is wrong', () => {
  test('comes in one message with everything else, and quotes neither value nor id', async () => {
    store.kept.set('hunter2/db', 'mysql://hunter2');
    store.kept.set('hunter2/key', 'not a PEM: hunter2');
    expect(
      await problemsOf({
        DATABASE_URL_SECRET_ID: 'hunter2/db',
        CLOUDFRONT_PRIVATE_KEY_SECRET_ID: 'hunter2/key',
        PORT: 'x',
      }),
    ).toEqual([
      'DATABASE_URL_SECRET_ID names a secret that must be a URL that starts with postgresql:// or postgres://',
      'PORT must be a whole number from 0 to 65535',
      'CLOUDFRONT_PRIVATE_KEY_SECRET_ID names a secret that must be the PEM text of an RSA-2048 or ECDSA P-256 private key',
    ]);
  });

  test('both of a pair, or none', async () => {
    expect(
      await problemsOf({ DATABASE_URL: URL_TEXT, DATABASE_URL_SECRET_ID: 'media/db' }),
    ).toEqual([
      'CLOUDFRONT_PRIVATE_KEY_PEM is missing (or CLOUDFRONT_PRIVATE_KEY_SECRET_ID)',
      'DATABASE_URL and DATABASE_URL_SECRET_ID are both set: set one of them',
    ]);
    expect(store.requests).toEqual([]);
  });

  test.each([
    ['the secret itself', 'postgresql://media:hunter2@db/media'],
    ['a PEM', cdnKey.pem],
    ['an ARN of something else', 'arn:aws:s3:::bucket'],
    ['nothing after the prefix', 'ssm:'],
  ])('%s in place of an id is sent to nobody', async (_what, id) => {
    expect(
      await problemsOf({ DATABASE_URL_SECRET_ID: id, CLOUDFRONT_PRIVATE_KEY_PEM: cdnKey.pem }),
    ).toEqual([
      'DATABASE_URL_SECRET_ID must be the name or ARN of a secret in Secrets Manager, or of a parameter in Systems Manager',
    ]);
    expect(store.requests).toEqual([]);
  });

  const KEY = { CLOUDFRONT_PRIVATE_KEY_PEM: cdnKey.pem };
  test.each([
    ['missing', 'names a secret that does not exist, or has no value yet'],
    ['/missing', 'names a parameter that does not exist'],
    ['empty', 'names a secret that is empty'],
    ['denied', 'names a secret that this role may not read ('],
    ['/denied', 'names a secret that this role may not read ('],
    ['deleted', 'names a secret that is marked for deletion'],
    ['odd', 'names a secret that could not be read: OddException'],
  ])('%s: %s', async (id, problem) => {
    const message = 'User hunter2 is not authorized';
    for (const denied of ['denied', '/denied']) {
      store.kept.set(denied, { status: 400, error: 'AccessDeniedException', message });
    }
    store.kept.set('deleted', { status: 400, error: 'InvalidRequestException', message });
    store.kept.set('odd', { status: 400, error: 'OddException', message });
    store.kept.set('empty', ' ');
    const problems = await problemsOf({ ...KEY, DATABASE_URL_SECRET_ID: id });
    expect(problems).toEqual([expect.stringContaining(`DATABASE_URL_SECRET_ID ${problem}`)]);
    expect(problems[0]).not.toContain('hunter2');
    expect(store.requests).toHaveLength(1);
  });

  test('a service that fails is asked three times', async () => {
    store.kept.set('down', { status: 500, error: 'InternalServiceError' });
    expect(await problemsOf({ ...KEY, DATABASE_URL_SECRET_ID: 'down' })).toEqual([
      'DATABASE_URL_SECRET_ID names a secret that could not be read: InternalServiceError',
    ]);
    expect(store.requests).toHaveLength(3);
  });
});
