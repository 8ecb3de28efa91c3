import { createHash, randomUUID } from 'node:crypto';
import { CloudFrontClient, CreateInvalidationCommand } from '@aws-sdk/client-cloudfront';
import { type CdnTarget, cdnPath, wildcardPath } from '../domain/cdn-path.ts';
import type { WorkerConfig } from './config.ts';

export interface CdnInvalidator {
  /**
   * Asks the CDN to forget these. It does so within minutes: this does not wait for it. Rejects when
   * the CDN has too much of that to do as yet, or cannot be asked; asking again does no harm.
   */
  forget(targets: readonly CdnTarget[]): Promise<void>;
  /**
   * The same for all whose keys begin so, whatever their version and query. A few at a time: CloudFront
   * has 15 of these in work at most.
   */
  forgetBelow(keyPrefixes: readonly string[]): Promise<void>;
  close(): void;
}

export type InvalidatorConfig = Pick<
  WorkerConfig,
  'CLOUDFRONT_DISTRIBUTION_ID' | 'AWS_ENDPOINT_URL_CLOUDFRONT'
>;

/** A third of what CloudFront lets be in progress at a time ("Concurrent invalidation request maximum"). */
const MAX_PATHS = 1000;
const CONNECT_TIMEOUT_MS = 3_000;
const IDLE_TIMEOUT_MS = 15_000;

const NO_CDN: CdnInvalidator = {
  forget: async () => {},
  forgetBelow: async () => {},
  close: () => {},
};

/**
 * CloudFront invalidations; does nothing where no distribution is configured. The only module that
 * calls CloudFront's own interface.
 *
 * Each path is named with its query, as it is in the cache key: a path alone would not match, and of
 * paths that end in `*`, which match any query, CloudFront takes 15 at a time at most.
 */
export function createCdnInvalidator(config: InvalidatorConfig): CdnInvalidator {
  const { CLOUDFRONT_DISTRIBUTION_ID: distributionId, AWS_ENDPOINT_URL_CLOUDFRONT: endpoint } =
    config;
  if (distributionId === undefined) return NO_CDN;
  const client = new CloudFrontClient({
    // Of a service without regions; its one endpoint expects signatures for this one.
    region: 'us-east-1',
    ...(endpoint && { endpoint }),
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: IDLE_TIMEOUT_MS },
  });

  async function invalidate(paths: readonly string[], reference: string): Promise<void> {
    await client.send(
      new CreateInvalidationCommand({
        DistributionId: distributionId,
        InvalidationBatch: {
          Paths: { Quantity: paths.length, Items: [...paths] },
          CallerReference: reference,
        },
      }),
    );
  }

  return {
    async forget(targets) {
      const paths = [...new Set(targets.map(cdnPath))].sort();
      for (let start = 0; start < paths.length; start += MAX_PATHS) {
        const items = paths.slice(start, start + MAX_PATHS);
        await invalidate(items, referenceOf(items));
      }
    },

    async forgetBelow(keyPrefixes) {
      const paths = [...new Set(keyPrefixes.map(wildcardPath))];
      // Not a name made of the paths: what begins so can change again, and has to be forgotten again.
      if (paths.length > 0) await invalidate(paths, randomUUID());
    },

    close: () => client.destroy(),
  };
}

/**
 * The same for the same paths: CloudFront takes a batch that comes again, after a crash or a lost
 * answer, for the one that it has, and charges it once. An image is deleted once, so it never needs
 * the same batch for a second time.
 */
function referenceOf(paths: readonly string[]): string {
  return createHash('sha256').update(paths.join('\n')).digest('hex');
}
