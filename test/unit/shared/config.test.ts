import { describe, expect, test } from '@jest/globals';
import {
  ConfigError,
  loadApiConfig,
  loadMigrateConfig,
  loadNormalizeWishlistConfig,
  loadWorkerConfig,
} from '../../../src/shared/config.ts';
import { apiEnvironment, cdnKey, workerEnvironment } from '../../support/config.ts';

const DATABASE_URL = 'postgresql://media:db-password@127.0.0.1:1/media';

/** Only what has no default. */
const MINIMAL_API = {
  DATABASE_URL,
  AWS_REGION: 'eu-central-1',
  S3_INPUT_BUCKET: 'bucket',
  CLOUDFRONT_DOMAIN: 'cdn.example.com',
  CLOUDFRONT_KEY_PAIR_ID: 'K1',
  CLOUDFRONT_PRIVATE_KEY_PEM: cdnKey.pem,
};

function problemOf(load: () => unknown): string {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the configuration was taken');
}

describe('defaults', () => {
  test('of the API', () => {
    const { CLOUDFRONT_PRIVATE_KEY_PEM: key, ...config } = loadApiConfig(MINIMAL_API);
    expect(config).toEqual({
      NODE_ENV: 'production',
      LOG_LEVEL: 'info',
      DATABASE_URL,
      DATABASE_POOL_SIZE: 10,
      SHUTDOWN_TIMEOUT_SECS: 25,
      AWS_REGION: 'eu-central-1',
      S3_INPUT_BUCKET: 'bucket',
      S3_MAX_INGEST_SIZE_BYTES: 10_485_760,
      S3_FORCE_PATH_STYLE: false,
      HOST: '0.0.0.0',
      PORT: 4000,
      CORS_ORIGINS: ['*'],
      GALLERY_PAGE: true,
      LIVE_MAX_IDS: 100,
      LIVE_MAX_CONNECTIONS: 1000,
      LIVE_HEARTBEAT_SECS: 15,
      S3_INGEST_URL_EXPIRY_SECS: 300,
      CLOUDFRONT_DOMAIN: 'https://cdn.example.com',
      CLOUDFRONT_KEY_PAIR_ID: 'K1',
      CLOUDFRONT_SIGNED_URL_EXPIRY_SECS: 600,
      API_PROCESSES: 1,
      CLOUDFRONT_SIGNED_URL_REUSE_SECS: 0,
      CLOUDFRONT_SIGNATURE_HASH: 'SHA1',
      CDN_ROLLOUT_PERCENT: 100,
      USER_ID_HEADER: 'x-user-id',
    });
    expect(key.equals(cdnKey.privateKey)).toBe(true);
  });

  test('of the worker, which needs no signing key', () => {
    expect(
      loadWorkerConfig(
        workerEnvironment({
          REAP_CRON: undefined,
          DELETION_SWEEP_CRON: undefined,
          AUDIT_SWEEP_CRON: undefined,
        }),
      ),
    ).toEqual({
      NODE_ENV: 'production',
      LOG_LEVEL: 'info',
      DATABASE_URL,
      DATABASE_POOL_SIZE: 10,
      SHUTDOWN_TIMEOUT_SECS: 25,
      AWS_REGION: 'eu-central-1',
      S3_INPUT_BUCKET: 'secret-bucket',
      S3_MAX_INGEST_SIZE_BYTES: 10_485_760,
      S3_FORCE_PATH_STYLE: false,
      SQS_MEDIA_QUEUE_URL: 'http://127.0.0.1:9/queue',
      SQS_MEDIA_DLQ_URL: 'http://127.0.0.1:9/dead',
      SQS_WAIT_TIME_SECS: 20,
      SQS_VISIBILITY_TIMEOUT_SECS: 60,
      WORKER_CONCURRENCY: 10,
      HOST: '0.0.0.0',
      IMAGE_MAX_PIXELS: 100_000_000,
      IMAGE_MAX_FRAMES: 500,
      IMAGE_DECODE_TIMEOUT_SECS: 20,
      THUMBNAIL_SIZE_PX: 320,
      INGEST_PENDING_TTL_SECS: 86_400,
      REAP_CRON: '23 * * * *',
      DELETION_SWEEP_CRON: '*/5 * * * *',
      AUDIT_REQUESTS_PER_SECOND: 200,
      AUDIT_SWEEP_CRON: '* * * * *',
      JOBS_MIGRATE: true,
    });
  });

  test('normalising the wishlist needs the database and the name of the bucket', () => {
    const set = { DATABASE_URL, AWS_REGION: 'eu-central-1', S3_INPUT_BUCKET: 'bucket' };
    expect(loadNormalizeWishlistConfig(set)).toEqual({ ...set, LOG_LEVEL: 'warn' });
    expect(problemOf(() => loadNormalizeWishlistConfig({})).split('\n')).toEqual([
      'The configuration is not usable:',
      '  DATABASE_URL is missing (or DATABASE_URL_SECRET_ID)',
      '  AWS_REGION is missing',
      '  S3_INPUT_BUCKET is missing',
    ]);
  });

  test('the migration needs the database alone', () => {
    expect(loadMigrateConfig({ DATABASE_URL })).toEqual({ DATABASE_URL });
    expect(problemOf(() => loadMigrateConfig({}))).toContain('DATABASE_URL is missing');
  });
});

describe('what is set', () => {
  test('is frozen', () => {
    for (const config of [
      loadApiConfig(MINIMAL_API),
      loadWorkerConfig(workerEnvironment()),
      loadMigrateConfig({ DATABASE_URL }),
    ]) {
      expect(Object.isFrozen(config)).toBe(true);
    }
  });

  test('is trimmed', () => {
    const { AWS_REGION, PORT } = loadApiConfig({ ...MINIMAL_API, AWS_REGION: ' x ', PORT: ' 80 ' });
    expect({ AWS_REGION, PORT }).toEqual({ AWS_REGION: 'x', PORT: 80 });
  });

  test('counts as not set when it is empty or blank', () => {
    expect(loadApiConfig({ ...MINIMAL_API, PORT: '', HOST: '  ' })).toMatchObject({
      PORT: 4000,
      HOST: '0.0.0.0',
    });
    const blank = { ...MINIMAL_API, S3_INPUT_BUCKET: ' ' };
    expect(problemOf(() => loadApiConfig(blank))).toContain('S3_INPUT_BUCKET is missing');
  });

  test.each([
    ['*', ['*']],
    ['https://a.example', ['https://a.example']],
    ['https://a.example, http://localhost:3000', ['https://a.example', 'http://localhost:3000']],
  ])('CORS_ORIGINS=%s', (CORS_ORIGINS, origins) => {
    expect(loadApiConfig({ ...MINIMAL_API, CORS_ORIGINS }).CORS_ORIGINS).toEqual(origins);
  });

  test.each([
    ['d111111abcdef8.cloudfront.net', 'https://d111111abcdef8.cloudfront.net'],
    ['https://cdn.example.com', 'https://cdn.example.com'],
    ['https://cdn.example.com/', 'https://cdn.example.com'],
    ['CDN.Example.com', 'https://cdn.example.com'],
    ['http://localhost:4001', 'http://localhost:4001'],
    ['localhost:4001', 'https://localhost:4001'],
  ])('CLOUDFRONT_DOMAIN=%s is the origin %s', (CLOUDFRONT_DOMAIN, origin) => {
    expect(loadApiConfig({ ...MINIMAL_API, CLOUDFRONT_DOMAIN }).CLOUDFRONT_DOMAIN).toBe(origin);
  });
});

describe('problems', () => {
  test('come all at once, each by the name of its variable', () => {
    const problem = problemOf(() => loadApiConfig({}));
    expect(problem.split('\n')).toEqual([
      'The configuration is not usable:',
      '  DATABASE_URL is missing (or DATABASE_URL_SECRET_ID)',
      '  AWS_REGION is missing',
      '  S3_INPUT_BUCKET is missing',
      '  CLOUDFRONT_DOMAIN is missing',
      '  CLOUDFRONT_KEY_PAIR_ID is missing',
      '  CLOUDFRONT_PRIVATE_KEY_PEM is missing (or CLOUDFRONT_PRIVATE_KEY_SECRET_ID)',
    ]);
    expect(problemOf(() => loadWorkerConfig({})).split('\n')).toEqual([
      'The configuration is not usable:',
      '  DATABASE_URL is missing (or DATABASE_URL_SECRET_ID)',
      '  AWS_REGION is missing',
      '  S3_INPUT_BUCKET is missing',
      '  SQS_MEDIA_QUEUE_URL is missing',
      '  SQS_MEDIA_DLQ_URL is missing',
    ]);
  });

  describe('URLs are reused for less than they work', () => {
    const LIFE = 'CLOUDFRONT_SIGNED_URL_EXPIRY_SECS';
    const WINDOW = 'CLOUDFRONT_SIGNED_URL_REUSE_SECS';
    const TOO_LONG = `  ${WINDOW} must be less than ${LIFE}`;

    test.each([
      [undefined, '600'],
      ['60', '60'],
      ['1', '1'],
      ['60', '61'],
    ])('of %s seconds, reused for %s: refused', (life, window) => {
      const environment = { ...MINIMAL_API, [LIFE]: life, [WINDOW]: window };
      expect(
        problemOf(() => loadApiConfig(environment))
          .split('\n')
          .slice(1),
      ).toEqual([TOO_LONG]);
    });

    test.each([
      [undefined, '599'],
      ['1', '0'],
      ['604800', '604799'],
    ])('of %s seconds, reused for %s: taken', (life, window) => {
      const environment = { ...MINIMAL_API, [LIFE]: life, [WINDOW]: window };
      expect(loadApiConfig(environment)[WINDOW]).toBe(Number(window));
    });

    test('is told together with what else is wrong, unless one of the two is no number', () => {
      const wrong = { ...MINIMAL_API, PORT: 'x', [LIFE]: '60', [WINDOW]: '60' };
      const problems = problemOf(() => loadApiConfig(wrong))
        .split('\n')
        .slice(1);
      expect(problems).toEqual([expect.stringMatching(/^ {2}PORT must be/), TOO_LONG]);
      expect(problemOf(() => loadApiConfig({ ...wrong, [LIFE]: 'x' }))).not.toContain(TOO_LONG);
      expect(problemOf(() => loadApiConfig({ ...wrong, [WINDOW]: '-60' }))).not.toContain(TOO_LONG);
    });
  });

  const WHOLE = 'must be a whole number from';
  test.each([
    ['PORT', '65536', `${WHOLE} 0 to 65535`],
    ['PORT', '-1', `${WHOLE} 0 to 65535`],
    ['PORT', '80.5', `${WHOLE} 0 to 65535`],
    ['PORT', '0x50', `${WHOLE} 0 to 65535`],
    ['PORT', '1e3', `${WHOLE} 0 to 65535`],
    ['PORT', '9'.repeat(40), `${WHOLE} 0 to 65535`],
    ['DATABASE_POOL_SIZE', '0', `${WHOLE} 1 to 1000`],
    ['API_PROCESSES', '0', `${WHOLE} 1 to 256`],
    ['API_PROCESSES', 'all', `${WHOLE} 1 to 256`],
    ['API_MAX_IN_FLIGHT', '-1', `${WHOLE} 0 to 100000`],
    ['S3_INGEST_URL_EXPIRY_SECS', '0', `${WHOLE} 1 to 604800`],
    ['S3_INGEST_URL_EXPIRY_SECS', '604801', `${WHOLE} 1 to 604800`],
    ['S3_MAX_INGEST_SIZE_BYTES', '10 MB', `${WHOLE} 1 to 5368709120`],
    ['CLOUDFRONT_SIGNED_URL_EXPIRY_SECS', 'ten', `${WHOLE} 1 to 604800`],
    ['CLOUDFRONT_SIGNED_URL_REUSE_SECS', '-1', `${WHOLE} 0 to 604799`],
    ['CLOUDFRONT_SIGNED_URL_REUSE_SECS', '604800', `${WHOLE} 0 to 604799`],
    ['CDN_ROLLOUT_PERCENT', '101', `${WHOLE} 0 to 100`],
    ['CDN_ROLLOUT_PERCENT', '12.5', `${WHOLE} 0 to 100`],
    ['CDN_ROLLOUT_PERCENT', '50%', `${WHOLE} 0 to 100`],
    ['USER_ID_HEADER', 'x user', 'must be the name of a header such as x-user-id'],
    ['USER_ID_HEADER', 'x-user:', 'must be the name of a header such as x-user-id'],
    ['DEFAULT_USER_ID', 'a\tb', 'must be 1 to 255 printable characters'],
    ['DEFAULT_USER_ID', 'a'.repeat(256), 'must be 1 to 255 printable characters'],
    ['ADMIN_TOKEN', 'too-short', 'must have at least 16 characters'],
    ['ADMIN_TOKEN', 'with a space in between', 'must have at least 16 characters'],
    ['S3_FORCE_PATH_STYLE', 'yes', 'must be true or false'],
    ['LOG_LEVEL', 'loud', 'must be one of trace, debug, info, warn, error, fatal, silent'],
    ['DATABASE_URL', 'mysql://x', 'must be a URL that starts with postgresql:// or postgres://'],
    ['DATABASE_URL', 'not a url', 'must be a URL that starts with postgresql:// or postgres://'],
    ['AWS_ENDPOINT_URL_S3', 'localhost', 'must be a URL that starts with http:// or https://'],
    ['CORS_ORIGINS', 'https://a.example/', 'must be * or a comma-separated list of origins'],
    ['CORS_ORIGINS', 'a.example', 'must be * or a comma-separated list of origins'],
    ['CORS_ORIGINS', 'https://a.example,', 'must be * or a comma-separated list of origins'],
    ['CLOUDFRONT_SIGNATURE_HASH', 'MD5', 'must be SHA1 or SHA256'],
    ...[
      'https://cdn.example.com/path',
      'cdn.example.com?x',
      'cdn.example.com#x',
      'https://user@cdn.example.com',
      'https://:password@cdn.example.com',
      'ftp://cdn.example.com',
      'two words',
      'https://',
    ].map((domain) => ['CLOUDFRONT_DOMAIN', domain, 'must be a host name'] as const),
  ])('%s=%s %s', (name, value, problem) => {
    const message = problemOf(() => loadApiConfig({ ...MINIMAL_API, [name]: value }));
    expect(message).toContain(`\n  ${name} ${problem}`);
    expect(message.split('\n')).toHaveLength(2);
  });

  test('never quote a value: it may be a secret in the wrong place', () => {
    const secret = 'hunter2-hunter2';
    const names = Object.keys({ ...apiEnvironment(), ...workerEnvironment() });
    const environment = Object.fromEntries(names.map((name) => [name, secret]));
    expect(problemOf(() => loadApiConfig(environment))).not.toContain('hunter2');
    expect(problemOf(() => loadWorkerConfig(environment))).not.toContain('hunter2');
    expect(problemOf(() => loadMigrateConfig(environment))).not.toContain('hunter2');
  });
});
