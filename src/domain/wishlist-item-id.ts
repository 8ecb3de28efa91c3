import { ULID_PATTERN } from './image-id.ts';

declare const brand: unique symbol;

/** A ULID in its canonical upper-case form. Sorts by time of creation. */
export type WishlistItemId = string & { readonly [brand]: 'WishlistItemId' };

const ulid = new RegExp(`^${ULID_PATTERN}$`);

export function isWishlistItemId(text: string): text is WishlistItemId {
  return ulid.test(text);
}
