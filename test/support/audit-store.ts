import {
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { makeAuditOnePage } from '../../src/features/audit/audit-page.ts';
import type {
  AuditPage,
  AuditRequest,
  AuditStage,
  Intents,
} from '../../src/features/audit/model.ts';
import { createObjectStore } from '../../src/shared/object-store.ts';
import { createPacer, type Pacer } from '../../src/shared/pacer.ts';
import { awsCredentials } from './config.ts';
import { type HttpProxy, startHttpProxy } from './http-proxy.ts';
import { REGION, startTestS3, VERSIONED } from './local-s3.ts';
import { captureLog, type LogLine } from './log.ts';

/** All that can be known of a current object, but for its version and when it was written. */
export interface Snapshot {
  headers: Record<string, unknown>;
  tags: unknown;
  /** Null where it is archived. */
  bytes: string | null;
}

export interface TestAudit {
  /** Goes past the proxy. */
  client: S3Client;
  /** What the audit sends to the store, and nothing else. */
  proxy: HttpProxy;
  /** What the CDN was told to forget, call by call; and what it says to that. */
  forgotten: string[][];
  cdn: { forgetBelow(prefixes: readonly string[]): Promise<void> };
  log: LogLine[];
  pacer: Pacer;
  put(key: string, bytes: Uint8Array, more?: Partial<PutObjectCommandInput>): Promise<void>;
  snapshot(): Promise<Record<string, Snapshot>>;
  /** Every version and delete marker there is, newest first, as `key version`. */
  history(): Promise<string[]>;
  page(
    request: Partial<AuditRequest> & { stage: AuditStage },
    from?: {
      after?: string | null;
      remaining?: number | null;
      intents?: Intents;
      signal?: AbortSignal;
    },
  ): Promise<AuditPage>;
  /** All pages, with nothing but what counts. */
  run(request: Partial<AuditRequest> & { stage: AuditStage }): Promise<Omit<AuditPage, 'next'>>;
  close(): Promise<void>;
}

const Bucket = VERSIONED;

export const NO_INTENTS: Intents = { add: async () => {}, earlier: new Map() };

/** The stages on a real store, which nothing else writes to. */
export async function startTestAudit(options: { pageSize?: number } = {}): Promise<TestAudit> {
  const s3 = await startTestS3({ credentials: awsCredentials });
  const proxy = await startHttpProxy(s3.s3().url);
  const client = s3.client({ credentials: awsCredentials });
  const objects = createObjectStore({
    AWS_REGION: REGION,
    S3_INPUT_BUCKET: Bucket,
    S3_FORCE_PATH_STYLE: true,
    AWS_ENDPOINT_URL_S3: proxy.url,
  });
  const { logger, lines } = captureLog();
  const forgotten: string[][] = [];
  const pacer = createPacer(100_000);
  const cdn: TestAudit['cdn'] = {
    forgetBelow: async (prefixes) => void forgotten.push([...prefixes]),
  };
  const auditPage = makeAuditOnePage({ objects, cdn, pacer, logger, ...options });

  const page: TestAudit['page'] = (
    request,
    { after = null, remaining = null, intents = NO_INTENTS, signal } = {},
  ) =>
    auditPage(
      { prefix: '', dryRun: false, limit: null, ...request },
      { after, remaining, intents },
      signal ?? new AbortController().signal,
    );

  return {
    client,
    proxy,
    forgotten,
    cdn,
    log: lines,
    pacer,
    page,
    async put(Key, Body, more = {}) {
      await client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
    },
    async snapshot() {
      const keys = await currentKeys(client);
      const found = await Promise.all(
        keys.map(async (Key) => [Key, await snapshotOf(client, Key)] as const),
      );
      return Object.fromEntries(found);
    },
    async history() {
      const { Versions = [], DeleteMarkers = [] } = await list(client);
      return [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => `${Key} ${VersionId}`);
    },
    async run(request) {
      const first = await page(request);
      const pages = [first];
      for (let next = first.next; next !== null; ) {
        const more = await page(request, { after: next });
        pages.push(more);
        next = more.next;
      }
      const stats = { ...first.stats };
      for (const { stats: more } of pages.slice(1)) {
        for (const name of Object.keys(stats) as (keyof typeof stats)[]) stats[name] += more[name];
      }
      return {
        stats,
        errors: pages.flatMap(({ errors }) => errors),
        changes: pages.flatMap(({ changes }) => changes),
        left: pages.flatMap(({ left = [] }) => left),
      };
    },
    async close() {
      objects.close();
      await proxy.close();
      await s3.stop();
    },
  };
}

function list(client: S3Client) {
  return client.send(new ListObjectVersionsCommand({ Bucket }));
}

async function currentKeys(client: S3Client): Promise<string[]> {
  const { Versions = [] } = await client.send(
    new ListObjectVersionsCommand({ Bucket, EncodingType: 'url' }),
  );
  return Versions.flatMap(({ Key = '', IsLatest }) =>
    IsLatest ? decodeURIComponent(Key.replaceAll('+', ' ')) : [],
  );
}

async function snapshotOf(client: S3Client, Key: string): Promise<Snapshot> {
  const {
    $metadata: _metadata,
    LastModified: _lastModified,
    VersionId: _versionId,
    ...headers
  } = await client.send(new HeadObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
  const { TagSet } = await client.send(new GetObjectTaggingCommand({ Bucket, Key }));
  const isArchived = headers.StorageClass === 'GLACIER';
  const content = isArchived ? null : await client.send(new GetObjectCommand({ Bucket, Key }));
  const bytes = (await content?.Body?.transformToString('base64')) ?? null;
  return { headers, tags: TagSet, bytes };
}

/** Only the counters that are not 0. */
export function counted(stats: AuditPage['stats']): Partial<AuditPage['stats']> {
  return Object.fromEntries(Object.entries(stats).filter(([, count]) => count !== 0));
}

/** Requests that reached the proxy, as `METHOD key`, lists as `LIST`. */
export function requestsOf({ passed }: HttpProxy): string[] {
  return passed.map(({ method, path }) => {
    const { pathname, searchParams } = new URL(path, 'http://store');
    if (searchParams.has('list-type')) return `LIST ${searchParams.get('start-after') ?? ''}`;
    return `${method} ${decodeURIComponent(pathname.slice(Bucket.length + 2))}`;
  });
}
