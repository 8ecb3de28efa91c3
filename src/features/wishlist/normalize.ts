import { isPublicKey } from '../../domain/cdn-urls.ts';
import { type OwnBucket, readImageUrl } from '../../domain/s3-urls.ts';
import type { Logger } from '../../shared/logger.ts';
import type {
  LegacyPicture,
  LegacyPictures,
  NewKey,
} from '../../shared/wishlist-items/legacy-pictures.ts';

/** Why a picture stays a URL. */
export type LeftAlone =
  | 'other_bucket'
  | 'other_site'
  | 'not_a_url'
  | 'outside_public_prefix'
  | 'no_usable_key'
  | 'bare_plus_sign'
  | 'pinned_version'
  | 'changed_meanwhile';

/** What a run did; in a dry run, what it would do. Names as they are printed and logged. */
export type NormalizeResult = { looked_at: number; normalized: number } & Record<LeftAlone, number>;

export interface NormalizeOptions {
  /** Changes nothing, counts what would happen. */
  dryRun: boolean;
  /** Items a query. */
  batchSize: number;
  /** Aborted: finishes the batch, then resolves with what was done. */
  signal: AbortSignal;
  onProgress(lookedAt: number): void;
}

export interface NormalizeDeps {
  pictures: LegacyPictures;
  own: OwnBucket;
  logger: Logger;
}

export type Normalize = (options: NormalizeOptions) => Promise<NormalizeResult>;

/**
 * Gives the pictures that are S3 URLs of our bucket their object key; the URL stays beside it, for
 * rolling back. May be killed at any time and run again, or beside itself. Throws when the database
 * is away; what was done until then stays.
 */
export function makeNormalize({ pictures, own, logger }: NormalizeDeps): Normalize {
  return async ({ dryRun, batchSize, signal, onProgress }) => {
    const result = emptyResult();
    const leave = (itemId: string, reason: LeftAlone) => {
      result[reason] += 1;
      logger.info({ itemId, reason }, 'wishlist.left_alone');
    };

    let after: string | null = null;
    while (!signal.aborted) {
      const batch: LegacyPicture[] = await pictures.listLegacy({ after, limit: batchSize });
      const keys: NewKey[] = [];
      for (const picture of batch) {
        const found = keyOf(picture.imageUrl, own);
        if (typeof found === 'string') leave(picture.id, found);
        else keys.push({ ...picture, imageKey: found.key });
      }
      const changed = dryRun ? null : await pictures.setKeys(keys);
      for (const { id } of keys) {
        if (changed && !changed.has(id)) leave(id, 'changed_meanwhile');
        else result.normalized += 1;
      }
      result.looked_at += batch.length;
      onProgress(result.looked_at);
      after = batch.at(-1)?.id ?? null;
      if (batch.length < batchSize) break;
    }
    logger.info({ ...result, dryRun, interrupted: signal.aborted }, 'wishlist.normalized');
    return result;
  };
}

function keyOf(imageUrl: string, own: OwnBucket): { key: string } | LeftAlone {
  const reading = readImageUrl(imageUrl, own);
  switch (reading.kind) {
    case 'other-bucket':
      return 'other_bucket';
    case 'other-site':
      return 'other_site';
    case 'not-a-url':
      return 'not_a_url';
    case 'own-unusable':
      return 'no_usable_key';
    case 'own-object':
      if (!isPublicKey(reading.key)) return 'outside_public_prefix';
      // S3 reads the sign as a space, what stands in for it may not: the URL means the same to both.
      if (reading.hasBarePlus) return 'bare_plus_sign';
      return reading.isPinned ? 'pinned_version' : { key: reading.key };
  }
}

function emptyResult(): NormalizeResult {
  return {
    looked_at: 0,
    normalized: 0,
    other_bucket: 0,
    other_site: 0,
    not_a_url: 0,
    outside_public_prefix: 0,
    no_usable_key: 0,
    bare_plus_sign: 0,
    pinned_version: 0,
    changed_meanwhile: 0,
  };
}
