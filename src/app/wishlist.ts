import type { CdnRules } from '../domain/cdn-urls.ts';
import type { OwnBucket } from '../domain/s3-urls.ts';
import { makeChangeItems } from '../features/wishlist/change-items.ts';
import { makeListItems } from '../features/wishlist/find-items.ts';
import { makeCheckPicture } from '../features/wishlist/given-picture.ts';
import { makeShowImage } from '../features/wishlist/item-image.ts';
import type { WishlistResolverDeps } from '../features/wishlist/resolvers.ts';
import type { ApiConfig, NormalizeWishlistConfig } from '../shared/config.ts';
import { newWishlistItemId } from '../shared/wishlist-items.ts';
import type { ApiDeps } from './deps.ts';

/** The wishlist's use-cases. */
export function createWishlist(
  config: ApiConfig,
  { wishlist: items }: Pick<ApiDeps, 'wishlist'>,
): WishlistResolverDeps {
  const own = ownBucket(config);
  const rules: CdnRules = { ...own, cdnOrigin: config.CLOUDFRONT_DOMAIN };
  return {
    listItems: makeListItems(items),
    changeItems: makeChangeItems({
      items,
      checkPicture: makeCheckPicture(own),
      newItemId: newWishlistItemId,
    }),
    showImage: makeShowImage(rules, config.CDN_ROLLOUT_PERCENT),
  };
}

export function ownBucket(config: NormalizeWishlistConfig | ApiConfig): OwnBucket {
  return {
    bucket: config.S3_INPUT_BUCKET,
    region: config.AWS_REGION,
    endpoint: config.AWS_ENDPOINT_URL_S3,
  };
}
