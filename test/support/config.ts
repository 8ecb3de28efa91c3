import { type ApiConfig, loadApiConfig } from '../../src/shared/config.ts';
import { makeEcKey } from './keys.ts';

/** The SDK's provider chain reads these. Presigning uses them, no request is ever sent. */
export const awsCredentials = { accessKeyId: 'AKIDTESTTESTTEST', secretAccessKey: 'aws-secret' };
process.env.AWS_ACCESS_KEY_ID = awsCredentials.accessKeyId;
process.env.AWS_SECRET_ACCESS_KEY = awsCredentials.secretAccessKey;
delete process.env.AWS_SESSION_TOKEN;
delete process.env.AWS_PROFILE;

/** Signs the CDN URLs of every API that a test file starts. */
export const cdnKey = makeEcKey();

/** Nothing listens there: presigning has to work without asking. */
const NO_STORE = 'http://127.0.0.1:9';

/** A complete environment of the API process. */
export function apiEnvironment(
  overrides: Record<string, string | undefined> = {},
): Record<string, string | undefined> {
  return {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: '0',
    DATABASE_URL: 'postgresql://media:db-password@127.0.0.1:1/media',
    AWS_REGION: 'eu-central-1',
    S3_INPUT_BUCKET: 'secret-bucket',
    S3_FORCE_PATH_STYLE: 'true',
    AWS_ENDPOINT_URL_S3: NO_STORE,
    // Whether there is a page depends on what was built last.
    GALLERY_PAGE: 'false',
    CLOUDFRONT_DOMAIN: 'cdn.example.com',
    CLOUDFRONT_KEY_PAIR_ID: 'K2TESTKEYPAIR',
    CLOUDFRONT_PRIVATE_KEY_PEM: cdnKey.pem,
    SHUTDOWN_TIMEOUT_SECS: '2',
    ...overrides,
  };
}

/** A complete environment of the worker process. */
export function workerEnvironment(
  overrides: Record<string, string | undefined> = {},
): Record<string, string | undefined> {
  return {
    DATABASE_URL: 'postgresql://media:db-password@127.0.0.1:1/media',
    AWS_REGION: 'eu-central-1',
    S3_INPUT_BUCKET: 'secret-bucket',
    SQS_MEDIA_QUEUE_URL: 'http://127.0.0.1:9/queue',
    SQS_MEDIA_DLQ_URL: 'http://127.0.0.1:9/dead',
    REAP_CRON: 'off',
    DELETION_SWEEP_CRON: 'off',
    AUDIT_SWEEP_CRON: 'off',
    ...overrides,
  };
}

export function apiConfig(overrides: Record<string, string | undefined> = {}): ApiConfig {
  return loadApiConfig(apiEnvironment(overrides));
}
