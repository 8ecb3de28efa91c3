import { z } from 'zod';
import {
  cdnOrigin,
  flag,
  headerName,
  MISSING,
  origins,
  privateKey,
  schedule,
  text,
  token,
  url,
  userId,
  wholeNumber,
} from './config-values.ts';

/**
 * Every variable that the service reads; README lists the same with their meaning. The only module
 * that reads the environment: everybody else is handed the parsed, frozen result.
 */
const common = {
  NODE_ENV: text().default('production'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], {
      error: 'must be one of trace, debug, info, warn, error, fatal, silent',
    })
    .default('info'),
  DATABASE_URL: url('postgresql:', 'postgres:'),
  DATABASE_POOL_SIZE: wholeNumber(1, 1000).default(10),
  SHUTDOWN_TIMEOUT_SECS: wholeNumber(1, 600).default(25),
  HOST: text().default('0.0.0.0'),
};

/** Where metrics, and the worker's health, are served: a port of its own, off unless it is set. */
const OFF_OR_PORT = 'must be off or a whole number from 0 to 65535';
const operationsPort = text()
  .regex(/^(off|\d{1,5})$/, { error: OFF_OR_PORT })
  .transform((value) => (value === 'off' ? undefined : Number(value)))
  .refine((port) => port === undefined || port <= 65_535, { error: OFF_OR_PORT })
  .optional();

const objectStore = {
  AWS_REGION: text(),
  S3_INPUT_BUCKET: text(),
  S3_MAX_INGEST_SIZE_BYTES: wholeNumber(1, 5 * 2 ** 30).default(10_485_760),
  S3_FORCE_PATH_STYLE: flag().default(false),
  AWS_ENDPOINT_URL_S3: url('http:', 'https:').optional(),
};

const apiFields = z.object({
  ...common,
  ...objectStore,
  API_PROCESSES: wholeNumber(1, 256).default(1),
  PORT: wholeNumber(0, 65_535).default(4000),
  METRICS_PORT: operationsPort,
  API_MAX_IN_FLIGHT: wholeNumber(0, 100_000).optional(),
  CORS_ORIGINS: origins().default(['*']),
  GALLERY_PAGE: flag().default(true),
  DATABASE_LISTEN_URL: url('postgresql:', 'postgres:').optional(),
  LIVE_MAX_IDS: wholeNumber(1, 1000).default(100),
  LIVE_MAX_CONNECTIONS: wholeNumber(0, 100_000).default(1000),
  LIVE_HEARTBEAT_SECS: wholeNumber(1, 300).default(15),
  S3_INGEST_URL_EXPIRY_SECS: wholeNumber(1, 604_800).default(300),
  CLOUDFRONT_DOMAIN: cdnOrigin(),
  CLOUDFRONT_KEY_PAIR_ID: text(),
  CLOUDFRONT_PRIVATE_KEY_PEM: privateKey(),
  CLOUDFRONT_SIGNED_URL_EXPIRY_SECS: wholeNumber(1, 604_800).default(600),
  CLOUDFRONT_SIGNED_URL_REUSE_SECS: wholeNumber(0, 604_799).default(0),
  CLOUDFRONT_SIGNATURE_HASH: z
    .enum(['SHA1', 'SHA256'], { error: 'must be SHA1 or SHA256' })
    .default('SHA1'),
  CDN_ROLLOUT_PERCENT: wholeNumber(0, 100).default(100),
  USER_ID_HEADER: headerName().default('x-user-id'),
  DEFAULT_USER_ID: userId().optional(),
  ADMIN_TOKEN: token().optional(),
});

const api = apiFields.refine(
  ({ CLOUDFRONT_SIGNED_URL_EXPIRY_SECS: life, CLOUDFRONT_SIGNED_URL_REUSE_SECS: window }) =>
    window < life,
  {
    path: ['CLOUDFRONT_SIGNED_URL_REUSE_SECS'],
    error: 'must be less than CLOUDFRONT_SIGNED_URL_EXPIRY_SECS',
    // Also where another variable is at fault: every problem is told at once.
    when: ({ issues }) => !issues.some(({ path }) => /_SIGNED_URL_/.test(String(path?.[0]))),
  },
);

const validation = {
  IMAGE_MAX_PIXELS: wholeNumber(1, 1_000_000_000).default(100_000_000),
  IMAGE_MAX_FRAMES: wholeNumber(1, 100_000).default(500),
  IMAGE_DECODE_TIMEOUT_SECS: wholeNumber(1, 3600).default(20),
  THUMBNAIL_SIZE_PX: wholeNumber(16, 4096).default(320),
  INGEST_PENDING_TTL_SECS: wholeNumber(60, 31_536_000).default(86_400),
};

const worker = z.object({
  ...common,
  ...objectStore,
  ...validation,
  WORKER_HTTP_PORT: operationsPort,
  AWS_ENDPOINT_URL_SQS: url('http:', 'https:').optional(),
  SQS_MEDIA_QUEUE_URL: url('http:', 'https:'),
  SQS_MEDIA_DLQ_URL: url('http:', 'https:'),
  SQS_WAIT_TIME_SECS: wholeNumber(0, 20).default(20),
  SQS_VISIBILITY_TIMEOUT_SECS: wholeNumber(2, 43_200).default(60),
  WORKER_CONCURRENCY: wholeNumber(1, 100).default(10),
  REAP_CRON: schedule().default('23 * * * *'),
  DELETION_SWEEP_CRON: schedule().default('*/5 * * * *'),
  AUDIT_SWEEP_CRON: schedule().default('* * * * *'),
  CLOUDFRONT_DISTRIBUTION_ID: text()
    .regex(/^[A-Z0-9]+$/, { error: 'must be the id of a distribution such as EDFDVBD632BHDS5' })
    .optional(),
  AWS_ENDPOINT_URL_CLOUDFRONT: url('http:', 'https:').optional(),
  JOBS_MIGRATE: flag().default(true),
  AUDIT_REQUESTS_PER_SECOND: wholeNumber(1, 100_000).default(200),
});

const reap = z.object({
  ...common,
  ...objectStore,
  ...validation,
  // A command answers with its numbers; what it says about each item is for those who ask.
  LOG_LEVEL: common.LOG_LEVEL.unwrap().default('warn'),
});

const audit = z.object({
  ...common,
  ...objectStore,
  AUDIT_REQUESTS_PER_SECOND: worker.shape.AUDIT_REQUESTS_PER_SECOND,
  CLOUDFRONT_DISTRIBUTION_ID: worker.shape.CLOUDFRONT_DISTRIBUTION_ID,
  AWS_ENDPOINT_URL_CLOUDFRONT: worker.shape.AWS_ENDPOINT_URL_CLOUDFRONT,
  LOG_LEVEL: reap.shape.LOG_LEVEL,
});

const normalizeWishlist = z.object({
  DATABASE_URL: common.DATABASE_URL,
  AWS_REGION: objectStore.AWS_REGION,
  S3_INPUT_BUCKET: objectStore.S3_INPUT_BUCKET,
  AWS_ENDPOINT_URL_S3: objectStore.AWS_ENDPOINT_URL_S3,
  LOG_LEVEL: reap.shape.LOG_LEVEL,
});

const queueTool = z
  .object({
    AWS_REGION: text(),
    AWS_ENDPOINT_URL_SQS: url('http:', 'https:').optional(),
    SQS_MEDIA_QUEUE_URL: url('http:', 'https:'),
    SQS_MEDIA_DLQ_URL: url('http:', 'https:'),
  })
  .refine((config) => config.SQS_MEDIA_QUEUE_URL !== config.SQS_MEDIA_DLQ_URL, {
    path: ['SQS_MEDIA_DLQ_URL'],
    error: 'must be another queue than SQS_MEDIA_QUEUE_URL',
  });

const migrate = z.object({ DATABASE_URL: common.DATABASE_URL });

export type ApiConfig = Readonly<z.output<typeof api>>;
export type WorkerConfig = Readonly<z.output<typeof worker>>;
export type ReapConfig = Readonly<z.output<typeof reap>>;
export type AuditConfig = Readonly<z.output<typeof audit>>;
export type NormalizeWishlistConfig = Readonly<z.output<typeof normalizeWishlist>>;
export type QueueToolConfig = Readonly<z.output<typeof queueTool>>;
/** What both roles share: enough for the adapters that both use. */
export type CommonConfig = Pick<ApiConfig & WorkerConfig, keyof ApiConfig & keyof WorkerConfig>;

export type Environment = Readonly<Record<string, string | undefined>>;

/** What became of the variables whose values are kept as secrets elsewhere, by their names. */
export interface FetchedSecrets {
  /** Name of the variable that named the secret: a bad value is the secret's fault. */
  sources: ReadonlyMap<string, string>;
  /** Why there is no value. */
  problems: ReadonlyMap<string, string>;
}

const NO_SECRETS: FetchedSecrets = { sources: new Map(), problems: new Map() };

/** The variables that can also be given as the id of a secret, and the variable that takes the id. */
export const SECRET_IDS = {
  DATABASE_URL: 'DATABASE_URL_SECRET_ID',
  CLOUDFRONT_PRIVATE_KEY_PEM: 'CLOUDFRONT_PRIVATE_KEY_SECRET_ID',
} as const;

export type SecretVariable = keyof typeof SECRET_IDS;

/** The start-up error of a process that was configured wrongly: names every variable at fault. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Configuration of the API process. Throws ConfigError. */
export function loadApiConfig(
  environment: Environment = process.env,
  secrets?: FetchedSecrets,
): ApiConfig {
  return parse(api, environment, secrets);
}

/** Configuration of the worker process; it needs no signing key. Throws ConfigError. */
export function loadWorkerConfig(
  environment: Environment = process.env,
  secrets?: FetchedSecrets,
): WorkerConfig {
  return parse(worker, environment, secrets);
}

/** Configuration of the reaper as a command; it needs no queue. Throws ConfigError. */
export function loadReapConfig(
  environment: Environment = process.env,
  secrets?: FetchedSecrets,
): ReapConfig {
  return parse(reap, environment, secrets);
}

/** Configuration of the format audit as a command; it needs no queue. Throws ConfigError. */
export function loadAuditConfig(
  environment: Environment = process.env,
  secrets?: FetchedSecrets,
): AuditConfig {
  return parse(audit, environment, secrets);
}

/** Configuration of the command that normalises the wishlist. Throws ConfigError. */
export function loadNormalizeWishlistConfig(
  environment: Environment = process.env,
  secrets?: FetchedSecrets,
): NormalizeWishlistConfig {
  return parse(normalizeWishlist, environment, secrets);
}

/** Configuration of the dead-letter command: the two queues and nothing else. Throws ConfigError. */
export function loadQueueToolConfig(environment: Environment = process.env): QueueToolConfig {
  return parse(queueTool, environment);
}

/** Configuration of the migration command. Throws ConfigError. */
export function loadMigrateConfig(
  environment: Environment = process.env,
  secrets?: FetchedSecrets,
): {
  DATABASE_URL: string;
} {
  return parse(migrate, environment, secrets);
}

/** What this process was started with, for `shared/secrets.ts` to complete. */
export function processEnvironment(): Environment {
  return process.env;
}

/** Values are never quoted in the message: a mistyped variable may hold a secret. */
function parse<Schema extends z.ZodType>(
  schema: Schema,
  environment: Environment,
  { sources, problems }: FetchedSecrets = NO_SECRETS,
) {
  // An empty variable is how shells, Compose files and task definitions say "not set".
  const set = Object.entries(environment).filter(([, value]) => value?.trim());
  const result = schema.safeParse(Object.fromEntries(set));
  if (result.success && problems.size === 0) return Object.freeze(result.data);
  const lines = (result.error?.issues ?? [])
    .map(({ path, message }) => ({ name: path.join('.'), message }))
    // Missing because it could not be fetched: the reason is below.
    .filter(({ name }) => !problems.has(name))
    .map(({ name, message }) => describeIssue(name, message, sources));
  for (const problem of problems.values()) lines.push(problem);
  throw new ConfigError(
    `The configuration is not usable:\n${lines.map((line) => `  ${line}`).join('\n')}`,
  );
}

function describeIssue(name: string, message: string, sources: FetchedSecrets['sources']): string {
  const source = sources.get(name);
  if (source !== undefined) return `${source} names a secret that ${message}`;
  const alternative = Object.entries(SECRET_IDS).find(([variable]) => variable === name)?.[1];
  return message === MISSING && alternative !== undefined
    ? `${name} ${message} (or ${alternative})`
    : `${name} ${message}`;
}
