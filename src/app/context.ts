import DataLoader from 'dataloader';
import type { ImageId } from '../domain/image-id.ts';
import type { WishlistItemId } from '../domain/wishlist-item-id.ts';
import type { CdnSigner, CdnTarget, ImageAccess } from '../shared/cdn-signer.ts';
import type { ImageRecord, ImageRecords } from '../shared/image-records.ts';
import type { Logger } from '../shared/logger.ts';
import type { AdminAccess, RequestContext } from '../shared/request-context.ts';
import type { WishlistItem, WishlistItems } from '../shared/wishlist-items.ts';

export interface ContextDeps {
  logger: Logger;
  records: Pick<ImageRecords, 'findMany'>;
  signer: CdnSigner;
  wishlist: Pick<WishlistItems, 'findMany'>;
}

/** Loaders live as long as one request: nothing is remembered from one caller to the next. */
export function createContext(
  deps: ContextDeps,
  requestId: string,
  userId: string | null,
  admin: AdminAccess = 'denied',
): RequestContext {
  return {
    requestId,
    userId,
    admin,
    logger: deps.logger.child({ requestId }),
    loaders: {
      image: new DataLoader<ImageId, ImageRecord | null>((ids) => deps.records.findMany(ids)),
      // Targets are objects made for the moment, so there is nothing to find in a cache.
      access: new DataLoader<CdnTarget, ImageAccess>((targets) => deps.signer.sign(targets), {
        cache: false,
      }),
      wishlistItem: new DataLoader<WishlistItemId, WishlistItem | null>(async (ids) =>
        userId === null ? ids.map(() => null) : deps.wishlist.findMany(userId, ids),
      ),
    },
  };
}
