import type { CdnRules } from '../../domain/cdn-urls.ts';
import { isRolledOut } from '../../domain/rollout.ts';
import { wishlistImageUrl } from '../../domain/wishlist-image-url.ts';
import type { RequestContext } from '../../shared/request-context.ts';
import type { WishlistItem } from '../../shared/wishlist-items.ts';

export interface ItemImage {
  url: string | null;
  /** Null where the URL does not expire. */
  expiresAt: Date | null;
}

type Loaders = Pick<RequestContext['loaders'], 'images' | 'access'>;

export type ShowImage = (loaders: Loaders, item: WishlistItem) => Promise<ItemImage>;

/**
 * How to show an item's picture. Items that are shown in the same tick share one query for their
 * images and one batch of signatures.
 *
 * @param rolloutPercent CDN_ROLLOUT_PERCENT. Images were never read but through the CDN, so it is
 *   about stored pictures only.
 */
export function makeShowImage(rules: CdnRules, rolloutPercent: number): ShowImage {
  return async (loaders, item) => {
    if (item.imageId === null) {
      const url = wishlistImageUrl(item, rules, isRolledOut(item.id, rolloutPercent));
      return { url, expiresAt: null };
    }
    const image = await loaders.images.one(item.imageId);
    if (image?.status !== 'ready') return { url: null, expiresAt: null };
    const { objectKey: key, versionId } = image;
    const { downloadUrl, expiresAt } = await loaders.access.load({ key, versionId });
    return { url: downloadUrl, expiresAt };
  };
}
