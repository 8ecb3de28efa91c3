import { type CdnSigner, createCdnSigner } from '../shared/cdn-signer.ts';
import { reuseUrls } from '../shared/cdn-url-reuse.ts';
import type { ApiConfig, CommonConfig } from '../shared/config.ts';
import { createDatabase, type Database } from '../shared/database.ts';
import { type FormatAuditJobs, makeFormatAuditJobs } from '../shared/format-audit-jobs.ts';
import { type ImageDeletions, makeImageDeletions } from '../shared/image-records/deletions.ts';
import { type ImageRecords, makeImageRecords } from '../shared/image-records.ts';
import type { Logger } from '../shared/logger.ts';
import { createObjectStore, type ObjectStore } from '../shared/object-store.ts';
import { createTelemetry, type Telemetry } from '../shared/telemetry/telemetry.ts';
import { makeWishlistItems, type WishlistItems } from '../shared/wishlist-items.ts';

/** The adapters that API and worker have in common. */
export interface Deps {
  logger: Logger;
  telemetry: Telemetry;
  database: Database;
  records: ImageRecords;
  deletions: ImageDeletions;
  audits: FormatAuditJobs;
  objects: ObjectStore;
  close(): Promise<void>;
}

export interface ApiDeps extends Deps {
  signer: CdnSigner;
  wishlist: WishlistItems;
}

export interface DepsOptions {
  logger: Logger;
  /** Called with the text of each SQL statement. */
  onQuery?: (sql: string) => void;
  /** What time it is for URLs that are reused, in milliseconds since 1970; the real one unless told. */
  now?: () => number;
}

/** From configuration to adapters. Connects to nothing yet. */
export function createDeps(config: CommonConfig, { logger, onQuery }: DepsOptions): Deps {
  const database = createDatabase({
    databaseUrl: config.DATABASE_URL,
    poolSize: config.DATABASE_POOL_SIZE,
    logger,
    ...(onQuery && { onQuery }),
  });
  const objects = createObjectStore(config);
  return {
    logger,
    telemetry: createTelemetry(),
    database,
    records: makeImageRecords(database),
    deletions: makeImageDeletions(database),
    audits: makeFormatAuditJobs(database),
    objects,
    async close() {
      objects.close();
      await database.$disconnect();
    },
  };
}

export function createApiDeps(config: ApiConfig, options: DepsOptions): ApiDeps {
  const deps = createDeps(config, options);
  return {
    ...deps,
    signer: createSigner(config, options),
    wishlist: makeWishlistItems(deps.database),
  };
}

function createSigner(config: ApiConfig, { now }: DepsOptions): CdnSigner {
  const signer = createCdnSigner(config);
  const windowSeconds = config.CLOUDFRONT_SIGNED_URL_REUSE_SECS;
  if (windowSeconds === 0) return signer;
  const lifeSeconds = config.CLOUDFRONT_SIGNED_URL_EXPIRY_SECS;
  return reuseUrls(signer, { lifeSeconds, windowSeconds, ...(now && { now }) });
}
