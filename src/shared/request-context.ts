import type DataLoader from 'dataloader';
import type { Response } from 'express';
import type { ImageId } from '../domain/image-id.ts';
import type { WishlistItemId } from '../domain/wishlist-item-id.ts';
import type { CdnTarget, ImageAccess } from './cdn-signer.ts';
import type { ImageRecord } from './image-records.ts';
import type { Logger } from './logger.ts';
import type { WishlistItem } from './wishlist-items.ts';

/** `off`: nobody has it here. `denied`: the request does not prove that it comes from an operator. */
export type AdminAccess = 'granted' | 'denied' | 'off';

/** What belongs to one request, GraphQL and REST alike. `app/context.ts` makes it. */
export interface RequestContext {
  readonly requestId: string;
  readonly logger: Logger;
  /** Who asks, as the gateway in front of the service says; null where it says nothing. */
  readonly userId: string | null;
  /** Whether it may do what only operators may: `granted`, or why not. */
  readonly admin: AdminAccess;
  readonly loaders: {
    /**
     * Null where there is no such image; a list is aligned with its ids. One query for all that are
     * asked for in a tick, and none for what has been asked for before.
     */
    readonly images: {
      one(id: ImageId): Promise<ImageRecord | null>;
      list(ids: readonly ImageId[]): Promise<(ImageRecord | null)[]>;
    };
    /** Signed CDN URLs: at once where that is cheap, else together for all of a tick. */
    readonly access: { load(target: CdnTarget): ImageAccess | Promise<ImageAccess> };
    /** Items of who asks; null where there is no such item of theirs. */
    readonly wishlistItem: DataLoader<WishlistItemId, WishlistItem | null>;
  };
}

/** The context that the request-context middleware has put there. */
export function contextOf(response: Response): RequestContext {
  return response.locals.context as RequestContext;
}
