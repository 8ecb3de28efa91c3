import { DomainError, type DomainErrorCode } from '../../domain/domain-error.ts';
import type {
  MutationResolvers,
  QueryResolvers,
  UserError,
  UserErrorCode,
  WishlistItemResolvers,
} from '../../generated/graphql.ts';
import type { ChangeItems } from './change-items.ts';
import { findItem, type ListItems } from './find-items.ts';
import type { ShowImage } from './item-image.ts';
import { userOf } from './user.ts';

export interface WishlistResolverDeps {
  listItems: ListItems;
  changeItems: ChangeItems;
  showImage: ShowImage;
}

interface WishlistResolvers {
  Query: Pick<QueryResolvers, 'wishlistItem' | 'wishlistItems'>;
  Mutation: Pick<
    MutationResolvers,
    'createWishlistItem' | 'updateWishlistItem' | 'deleteWishlistItem'
  >;
  WishlistItem: Pick<WishlistItemResolvers, 'image' | 'imageUrl'>;
}

/** The refusals that are `userErrors`; anything else is a top-level error. */
const USER_ERRORS: Partial<Record<DomainErrorCode, UserErrorCode>> = {
  INVALID_TITLE: 'INVALID_TITLE',
  INVALID_IMAGE_KEY: 'INVALID_IMAGE_KEY',
  INVALID_IMAGE_URL: 'INVALID_IMAGE_URL',
  CONFLICTING_IMAGES: 'CONFLICTING_IMAGES',
  IMAGE_NOT_FOUND: 'IMAGE_NOT_FOUND',
  WISHLIST_ITEM_NOT_FOUND: 'WISHLIST_ITEM_NOT_FOUND',
};

export function makeWishlistResolvers(deps: WishlistResolverDeps): WishlistResolvers {
  const { listItems, changeItems, showImage } = deps;
  return {
    Query: {
      wishlistItems: (_parent, page, context) => listItems(userOf(context), page),
      wishlistItem: (_parent, { id }, context) => {
        userOf(context);
        return findItem(context.loaders, id);
      },
    },
    Mutation: {
      createWishlistItem: (_parent, { input }, context) =>
        settled({ item: null }, async () => ({ item: await changeItems.create(context, input) })),
      updateWishlistItem: (_parent, { input }, context) =>
        settled({ item: null }, async () => ({ item: await changeItems.update(context, input) })),
      deleteWishlistItem: (_parent, { id }, context) =>
        settled({ deletedId: null }, async () => ({
          deletedId: await changeItems.remove(context, id),
        })),
    },
    WishlistItem: {
      image: ({ imageId }, _args, { loaders }) =>
        imageId === null ? null : loaders.images.one(imageId),
      imageUrl: async (item, _args, { loaders }) => (await showImage(loaders, item)).url,
    },
  };
}

/** A payload, or `nothing` with why. Throws what is no user error on. */
async function settled<Payload extends object, Nothing extends object>(
  nothing: Nothing,
  change: () => Promise<Payload>,
): Promise<(Payload | Nothing) & { userErrors: UserError[] }> {
  try {
    return { ...(await change()), userErrors: [] };
  } catch (error) {
    const code = error instanceof DomainError && USER_ERRORS[error.code];
    if (!code) throw error;
    const { message, field } = error;
    return { ...nothing, userErrors: [{ code, message, field: field ?? null }] };
  }
}
