import type { MediaStack } from '../media/media-stack.ts';
import type { Settings } from '../settings/settings.ts';
import type { Database } from './database.ts';

export const API_PORT = 4000;
export const API_METRICS_PORT = 9464;
export const WORKER_PORT = 9465;

type Environment = Record<string, string>;

/** For everything that talks to the database: API, worker, migration. */
export function databaseEnvironment({ service }: Settings, database: Database): Environment {
  return {
    DATABASE_URL_SECRET_ID: database.secret.secretArn,
    PGSSLMODE: service.databaseTls,
    // In the image; Node.js does not know the authority of RDS otherwise.
    ...(service.databaseTls === 'verify-full' && {
      NODE_EXTRA_CA_CERTS: '/app/certificates/rds.pem',
    }),
  };
}

function common(settings: Settings, media: MediaStack, database: Database): Environment {
  return {
    NODE_ENV: 'production',
    ...databaseEnvironment(settings, database),
    AWS_REGION: settings.region,
    S3_INPUT_BUCKET: media.bucket.bucketName,
    SHUTDOWN_TIMEOUT_SECS: String(settings.service.shutdownTimeoutSeconds),
  };
}

export function apiEnvironment(
  settings: Settings,
  media: MediaStack,
  database: Database,
): Environment {
  return {
    ...common(settings, media, database),
    PORT: String(API_PORT),
    METRICS_PORT: String(API_METRICS_PORT),
    CORS_ORIGINS: settings.media.pageOrigins.join(','),
    CLOUDFRONT_DOMAIN: settings.cdn.domainNames[0] ?? media.distribution.distributionDomainName,
    CLOUDFRONT_KEY_PAIR_ID: media.signingKey.keyPairId,
    CLOUDFRONT_PRIVATE_KEY_SECRET_ID: media.signingKey.privateKeySecretArn,
    ...settings.service.api.environment,
  };
}

export function workerEnvironment(
  settings: Settings,
  media: MediaStack,
  database: Database,
): Environment {
  const { worker } = settings.service;
  return {
    ...common(settings, media, database),
    WORKER_HTTP_PORT: String(WORKER_PORT),
    CLOUDFRONT_DISTRIBUTION_ID: media.distribution.distributionId,
    SQS_VISIBILITY_TIMEOUT_SECS: String(worker.visibilityTimeoutSeconds),
    ...queueEnvironment(media),
    ...worker.environment,
  };
}

export function queueEnvironment(media: MediaStack): Environment {
  return {
    SQS_MEDIA_QUEUE_URL: media.media.queueUrl,
    SQS_MEDIA_DLQ_URL: media.deadLetters.queueUrl,
  };
}
