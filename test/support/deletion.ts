import { createDeps } from '../../src/app/deps.ts';
import { type CdnTarget, cdnPath } from '../../src/domain/cdn-path.ts';
import type { ImageId } from '../../src/domain/image-id.ts';
import { imageThumbnailKey } from '../../src/domain/object-keys.ts';
import {
  type FinishDeletions,
  type FinishDeletionsDeps,
  makeFinishDeletions,
} from '../../src/features/deletion/finish-deletions.ts';
import {
  makeSweepDeletions,
  type SweptDeletions,
} from '../../src/features/deletion/sweep-deletions.ts';
import { type EdgeControl, startEdgeControl } from '../../src/local/edge/control.ts';
import { type Edge, startEdge } from '../../src/local/edge/server.ts';
import { createCdnInvalidator } from '../../src/shared/cdn-invalidator.ts';
import { createCdnSigner } from '../../src/shared/cdn-signer.ts';
import { loadWorkerConfig } from '../../src/shared/config.ts';
import type { ImageDeletions } from '../../src/shared/image-records/deletions.ts';
import { apiConfig, awsCredentials, cdnKey } from './config.ts';
import { type HttpProxy, startHttpProxy } from './http-proxy.ts';
import { type CapturedLog, captureLog } from './log.ts';
import { BUCKET, type Surroundings } from './surroundings.ts';

const DISTRIBUTION = 'E1TEST';
const KEY_PAIR = 'K2TESTKEYPAIR';

/** The CDN in front of the surroundings' bucket. */
export interface TestCdn {
  /** In front of CloudFront's own interface. */
  proxy: HttpProxy;
  /** What a worker needs to know of it. */
  environment: Record<string, string>;
  /** As a viewer with a signed URL: the status, and where it came from. */
  view(target: CdnTarget): Promise<string>;
  /** The paths of each invalidation that was asked for. */
  invalidated(): string[][];
  close(): Promise<void>;
}

export async function startTestCdn({ proxies }: Surroundings): Promise<TestCdn> {
  const edge: Edge = await startEdge({
    port: 0,
    originUrl: `${proxies.s3.url}/${BUCKET}`,
    region: 'us-east-1',
    originCredentials: awsCredentials,
    publicKeys: new Map([
      [KEY_PAIR, cdnKey.publicKey.export({ type: 'spki', format: 'pem' }).toString()],
    ]),
    corsOrigins: [],
  });
  const control: EdgeControl = await startEdgeControl({
    port: 0,
    credentials: awsCredentials,
    distributionId: DISTRIBUTION,
    invalidate: edge.invalidate,
  });
  const proxy = await startHttpProxy(control.url);
  const signer = createCdnSigner(apiConfig({ CLOUDFRONT_DOMAIN: edge.url }));
  return {
    proxy,
    environment: {
      CLOUDFRONT_DISTRIBUTION_ID: DISTRIBUTION,
      AWS_ENDPOINT_URL_CLOUDFRONT: proxy.url,
    },
    async view(target) {
      const [access] = await signer.sign([target]);
      const response = await fetch(access?.downloadUrl ?? '');
      await response.arrayBuffer();
      return `${response.status} ${response.headers.get('x-cache')}`;
    },
    invalidated: () =>
      proxy.passed.map(({ body }) =>
        Array.from(body.matchAll(/<Path>(.*?)<\/Path>/g), ([, path = '']) => path),
      ),
    async close() {
      await proxy.close();
      await control.close();
      await edge.close();
    },
  };
}

/** Deletion without jobs, for tests to take its steps when they want them. */
export interface TestDeletion {
  deletions: ImageDeletions;
  /** As a request that could send no job. */
  request(...ids: ImageId[]): Promise<ImageId[]>;
  finish: (...ids: ImageId[]) => Promise<{ finished: number }>;
  /** As if it were `daysLater`. */
  sweep(daysLater?: number): Promise<SweptDeletions>;
  log: CapturedLog;
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;

export function openTestDeletion(
  { environment }: Surroundings,
  cdn?: TestCdn,
  options: { batchSize?: number; wrap?: (deps: FinishDeletionsDeps) => FinishDeletionsDeps } = {},
): TestDeletion {
  const { wrap = (deps: FinishDeletionsDeps) => deps, ...settings } = options;
  const log = captureLog();
  const config = loadWorkerConfig({ ...environment, ...cdn?.environment });
  const deps = createDeps(config, { logger: log.logger });
  const invalidator = createCdnInvalidator(config);
  const finishDeletions: FinishDeletions = makeFinishDeletions(wrap({ ...deps, cdn: invalidator }));
  const { signal } = new AbortController();
  return {
    deletions: deps.deletions,
    request: (...ids) => deps.deletions.request(ids, async () => {}),
    finish: (...ids) => finishDeletions(ids, signal),
    sweep(daysLater = 0) {
      // Past the moment for which a sweep leaves a deletion to its job.
      const now = () => Date.now() + daysLater * DAY_MS + 61_000;
      return makeSweepDeletions({ ...deps, ...settings, finishDeletions, now })(signal);
    },
    log,
    async close() {
      invalidator.close();
      await deps.close();
    },
  };
}

/** A ready image with its picture and thumbnail in the bucket, and what a viewer may read of it. */
export async function addReadyImage(
  surroundings: Surroundings,
  bytes: Uint8Array,
): Promise<{ id: ImageId; targets: [picture: CdnTarget, thumbnail: CdnTarget] }> {
  const id = await surroundings.addRecord();
  const { objectKey } = await surroundings.record(id);
  const thumbnailKey = imageThumbnailKey(id);
  const picture = await surroundings.bucket.put(objectKey, bytes, 'image/png');
  const thumbnail = await surroundings.bucket.put(thumbnailKey, bytes, 'image/jpeg');
  await surroundings.records.markReady(id, {
    ...picture,
    sizeBytes: bytes.length,
    width: 1,
    height: 1,
    thumbhash: 'aGFzaA==',
    thumbnailVersionId: thumbnail.versionId,
  });
  return {
    id,
    targets: [
      { key: objectKey, versionId: picture.versionId },
      { key: thumbnailKey, versionId: thumbnail.versionId },
    ],
  };
}

export const pathsOf = (targets: readonly CdnTarget[]): string[] => targets.map(cdnPath).sort();
