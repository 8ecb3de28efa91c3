import DataLoader from 'dataloader';
import type { WishlistItemId } from '../domain/wishlist-item-id.ts';
import type { CdnSigner, CdnTarget, ImageAccess } from '../shared/cdn-signer.ts';
import type { ImageRecords } from '../shared/image-records.ts';
import type { Logger } from '../shared/logger.ts';
import type { AdminAccess, RequestContext } from '../shared/request-context.ts';
import type { WishlistItem, WishlistItems } from '../shared/wishlist-items.ts';
import { createImageLoader, type ImageLoader } from './image-loader.ts';

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
    loaders: createLoaders(deps, userId),
  };
}

/** Each loader is made when it is first asked for: few requests ask for all of them. */
function createLoaders(
  { records, signer, wishlist }: ContextDeps,
  userId: string | null,
): RequestContext['loaders'] {
  let images: ImageLoader | undefined;
  let access: RequestContext['loaders']['access'] | undefined;
  let wishlistItem: DataLoader<WishlistItemId, WishlistItem | null> | undefined;
  return {
    get images() {
      images ??= createImageLoader(records);
      return images;
    },
    get access() {
      access ??= signer.signNow ? { load: signer.signNow } : loadTogether(signer);
      return access;
    },
    get wishlistItem() {
      wishlistItem ??= new DataLoader(async (ids) =>
        userId === null ? ids.map(() => null) : wishlist.findMany(userId, ids),
      );
      return wishlistItem;
    },
  };
}

function loadTogether(signer: CdnSigner): DataLoader<CdnTarget, ImageAccess> {
  // Targets are objects made for the moment, so there is nothing to find in a cache.
  return new DataLoader((targets) => signer.sign(targets), { cache: false });
}
