import { makeCursors } from '../../domain/cursors.ts';
import { DomainError } from '../../domain/domain-error.ts';
import {
  type Edge,
  type PageArguments,
  type PageEnds,
  parsePageArguments,
} from '../../domain/page.ts';
import { isWishlistItemId, type WishlistItemId } from '../../domain/wishlist-item-id.ts';
import type { RequestContext } from '../../shared/request-context.ts';
import type { WishlistItem, WishlistItems } from '../../shared/wishlist-items.ts';

export const MAX_PAGE = 100;
const STANDARD_PAGE = 50;
const cursors = makeCursors('wishlist-item-1:', isWishlistItemId);

/** The asking user's item with this id; null where they have none. */
export async function findItem(
  loaders: Pick<RequestContext['loaders'], 'wishlistItem'>,
  id: string,
): Promise<WishlistItem | null> {
  // Text that is no ULID cannot be the id of anything: no need to ask the database.
  return isWishlistItemId(id) ? loaders.wishlistItem.load(id) : null;
}

/** The same. Throws DomainError("WISHLIST_ITEM_NOT_FOUND"). */
export async function getItem(
  loaders: Pick<RequestContext['loaders'], 'wishlistItem'>,
  id: string,
): Promise<WishlistItem> {
  const item = await findItem(loaders, id);
  if (!item) throw itemNotFound();
  return item;
}

/** Also where it is another user's: nobody learns that it is there. */
export function itemNotFound(): DomainError {
  return new DomainError('WISHLIST_ITEM_NOT_FOUND', 'wishlist item not found', 'id');
}

export interface ItemPage {
  edges: Edge<WishlistItem>[];
  pageInfo: PageEnds & { hasNextPage: boolean; hasPreviousPage: boolean };
}

export type ListItems = (
  userId: string,
  page: PageArguments,
  limits?: { standard: number; max: number },
) => Promise<ItemPage>;

/**
 * A page of a user's items, newest first: 50 unless told, at most 100. Throws DomainError
 * ("INVALID_PAGE_ARGUMENTS", "INVALID_CURSOR").
 */
export function makeListItems(items: Pick<WishlistItems, 'list' | 'hasFrom'>): ListItems {
  return async (userId, page, limits = { standard: STANDARD_PAGE, max: MAX_PAGE }) => {
    const { limit, take, after, before } = parsePageArguments(page, { ...limits, cursors });
    const found = await items.list(userId, { limit: limit + 1, take, after, before });
    const isCut = found.length > limit;
    const nodes = take === 'first' ? found.slice(0, limit) : found.slice(-limit);
    const beyond = async (id: WishlistItemId | null, side: 'newer' | 'older') =>
      id !== null && items.hasFrom(userId, id, side);
    const edges = nodes.map((node) => ({ node, cursor: cursors.encode(node.id) }));
    return {
      edges,
      pageInfo: {
        hasPreviousPage: (take === 'last' && isCut) || (await beyond(after, 'newer')),
        hasNextPage: (take === 'first' && isCut) || (await beyond(before, 'older')),
        startCursor: edges.at(0)?.cursor ?? null,
        endCursor: edges.at(-1)?.cursor ?? null,
      },
    };
  };
}
