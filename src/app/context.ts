import DataLoader from 'dataloader';
import type { CdnSigner, CdnTarget, ImageAccess } from '../shared/cdn-signer.ts';
import type { ImageRecords } from '../shared/image-records.ts';
import type { Logger } from '../shared/logger.ts';
import type { AdminAccess, RequestContext } from '../shared/request-context.ts';
import type { WishlistItems } from '../shared/wishlist-items.ts';
import { createImageLoader } from './image-loader.ts';

type RequestLoaders = RequestContext['loaders'];

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
    loaders: new Loaders(deps, userId),
  };
}

/**
 * Each loader is made when it is first asked for: few requests ask for all of them. A class, because V8
 * puts the getters of an object literal among the old objects at once, where they live until the next
 * full collection, and with them everything that the request has loaded.
 */
class Loaders implements RequestLoaders {
  readonly #deps: ContextDeps;
  readonly #userId: string | null;
  #images: RequestLoaders['images'] | undefined;
  #access: RequestLoaders['access'] | undefined;
  #wishlistItem: RequestLoaders['wishlistItem'] | undefined;

  constructor(deps: ContextDeps, userId: string | null) {
    this.#deps = deps;
    this.#userId = userId;
  }

  get images() {
    this.#images ??= createImageLoader(this.#deps.records);
    return this.#images;
  }

  get access() {
    const { signer } = this.#deps;
    this.#access ??= signer.signNow ? { load: signer.signNow } : loadTogether(signer);
    return this.#access;
  }

  get wishlistItem() {
    const { wishlist } = this.#deps;
    const userId = this.#userId;
    this.#wishlistItem ??= new DataLoader(async (ids) =>
      userId === null ? ids.map(() => null) : wishlist.findMany(userId, ids),
    );
    return this.#wishlistItem;
  }
}

function loadTogether(signer: CdnSigner): DataLoader<CdnTarget, ImageAccess> {
  // Targets are objects made for the moment, so there is nothing to find in a cache.
  return new DataLoader((targets) => signer.sign(targets), { cache: false });
}
