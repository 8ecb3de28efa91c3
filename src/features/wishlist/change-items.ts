import { DomainError } from '../../domain/domain-error.ts';
import { problemOfText } from '../../domain/printable-text.ts';
import { isWishlistItemId, type WishlistItemId } from '../../domain/wishlist-item-id.ts';
import type { RequestContext } from '../../shared/request-context.ts';
import type { ItemPicture, WishlistItem, WishlistItems } from '../../shared/wishlist-items.ts';
import { itemNotFound } from './find-items.ts';
import { type CheckPicture, type GivenPicture, NO_PICTURE } from './given-picture.ts';
import { userOf } from './user.ts';

/** In Unicode code points. */
const MAX_TITLE_CHARACTERS = 255;

type Caller = Pick<RequestContext, 'userId' | 'loaders'>;

export interface NewItemInput extends GivenPicture {
  title: string;
}

export interface ItemChangesInput extends GivenPicture {
  id: string;
  /** Undefined leaves it as it is. */
  title?: string | null | undefined;
}

export interface ChangeItemsDeps {
  items: Pick<WishlistItems, 'insert' | 'findMany' | 'update' | 'remove'>;
  checkPicture: CheckPicture;
  newItemId: () => WishlistItemId;
}

export interface ChangeItems {
  create(caller: Caller, input: NewItemInput): Promise<WishlistItem>;
  /** Also throws DomainError("WISHLIST_ITEM_NOT_FOUND"). */
  update(caller: Caller, input: ItemChangesInput): Promise<WishlistItem>;
  /** Throws DomainError("UNAUTHENTICATED", "WISHLIST_ITEM_NOT_FOUND"). */
  remove(caller: Caller, id: string): Promise<WishlistItemId>;
}

/** Both ways to write throw DomainError("UNAUTHENTICATED", "INVALID_TITLE") and what `checkPicture` does. */
export function makeChangeItems({ items, checkPicture, newItemId }: ChangeItemsDeps): ChangeItems {
  return {
    async create(caller, { title, ...given }) {
      const userId = userOf(caller);
      assertTitle(title);
      const picture = (await checkPicture(caller.loaders, given)) ?? NO_PICTURE;
      return items.insert({ id: newItemId(), userId, title, ...picture });
    },

    async update(caller, { id, title, ...given }) {
      const userId = userOf(caller);
      if (!isWishlistItemId(id)) throw itemNotFound();
      if (title !== undefined) assertTitle(title);
      const picture = await checkPicture(caller.loaders, given);
      // Again when somebody else has changed the picture between reading and writing.
      for (;;) {
        const [item] = await items.findMany(userId, [id]);
        if (!item) throw itemNotFound();
        const changed = picture && !isSame(item, picture) ? newPicture(item, picture) : {};
        const updated = await items.update(item, { ...(title && { title }), ...changed });
        if (updated) {
          caller.loaders.wishlistItem.clear(id).prime(id, updated);
          return updated;
        }
      }
    },

    async remove(caller, id) {
      const userId = userOf(caller);
      if (!isWishlistItemId(id) || !(await items.remove(userId, id))) throw itemNotFound();
      caller.loaders.wishlistItem.clear(id);
      return id;
    },
  };
}

function assertTitle(title: string | null): asserts title is string {
  const problem = title === null ? 'must not be null' : problemOfText(title, MAX_TITLE_CHARACTERS);
  if (problem) throw new DomainError('INVALID_TITLE', `title ${problem}`, 'title');
}

/** A key, or the URL that a key was made from, is the picture that the item has. */
function isSame(item: WishlistItem, { imageKey, imageUrl, imageId }: ItemPicture): boolean {
  if (imageKey !== null) return item.imageKey === imageKey;
  if (imageUrl !== null) return item.imageUrl === imageUrl;
  return item.imageId === imageId && item.imageKey === null && item.imageUrl === null;
}

/** Later than ever before, whatever the clock does: two pictures never share a `?v=`. */
function newPicture({ imageUpdatedAt }: WishlistItem, picture: ItemPicture) {
  const time = Math.max(Date.now(), (imageUpdatedAt?.getTime() ?? 0) + 1);
  return { ...picture, imageUpdatedAt: new Date(time) };
}
