import { ulid } from 'ulid';
import type { ImageId } from '../domain/image-id.ts';
import type { PageRange } from '../domain/page.ts';
import type { WishlistItemId } from '../domain/wishlist-item-id.ts';
import type { WishlistItemModel } from '../generated/prisma/models.ts';
import type { Database } from './database.ts';
import { type LegacyPictures, makeLegacyPictures } from './wishlist-items/legacy-pictures.ts';

/** An item's picture, at most one: a key with or without the URL it was made from, a URL, an image. */
export interface ItemPicture {
  readonly imageKey: string | null;
  /** As it was given. */
  readonly imageUrl: string | null;
  readonly imageId: ImageId | null;
}

/** A row of `wishlist_items`. Nobody else touches the table. */
export interface WishlistItem extends ItemPicture {
  readonly id: WishlistItemId;
  readonly userId: string;
  readonly title: string;
  /** When another picture took the place of the last. */
  readonly imageUpdatedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type NewWishlistItem = ItemPicture & Pick<WishlistItem, 'id' | 'userId' | 'title'>;
export type ItemChanges = Partial<ItemPicture & Pick<WishlistItem, 'title' | 'imageUpdatedAt'>>;

/** Every operation is on the items of one user; those of others are as if they were not there. */
export interface WishlistItems extends LegacyPictures {
  insert(item: NewWishlistItem): Promise<WishlistItem>;
  /** One query for all ids; null where the user has no such item. Aligned with `ids`. */
  findMany(userId: string, ids: readonly WishlistItemId[]): Promise<(WishlistItem | null)[]>;
  /** A stretch of the user's items, newest first. */
  list(userId: string, range: PageRange<WishlistItemId>): Promise<WishlistItem[]>;
  /** Whether the user has an item at this place in the list, or on that side of it. */
  hasFrom(userId: string, id: string, side: 'newer' | 'older'): Promise<boolean>;
  /** Null when the item is gone, or has another picture than `item` (compare-and-set). */
  update(item: WishlistItem, changes: ItemChanges): Promise<WishlistItem | null>;
  /** False when there was no such item. */
  remove(userId: string, id: WishlistItemId): Promise<boolean>;
}

/** A fresh id: the time in milliseconds, then 80 random bits. */
export function newWishlistItemId(): WishlistItemId {
  return ulid() as WishlistItemId;
}

export function makeWishlistItems(database: Database): WishlistItems {
  const table = database.wishlistItem;

  return {
    ...makeLegacyPictures(database),

    async insert(item) {
      const now = new Date();
      const hasPicture = [item.imageKey, item.imageUrl, item.imageId].some((part) => part !== null);
      const imageUpdatedAt = hasPicture ? now : null;
      const data = { ...item, imageUpdatedAt, createdAt: now, updatedAt: now };
      return toItem(await table.create({ data }));
    },

    async findMany(userId, ids) {
      const rows = await selectByIds(database, userId, ids);
      const byId = new Map(rows.map((row) => [row.id, toItem(row)]));
      return ids.map((id) => byId.get(id) ?? null);
    },

    async list(userId, { after, before, take, limit }) {
      const rows = await table.findMany({
        where: {
          userId,
          id: { ...(after !== null && { lt: after }), ...(before !== null && { gt: before }) },
        },
        orderBy: { id: take === 'first' ? 'desc' : 'asc' },
        take: limit,
      });
      const items = rows.map(toItem);
      return take === 'first' ? items : items.reverse();
    },

    async hasFrom(userId, id, side) {
      const range = side === 'newer' ? { gte: id } : { lte: id };
      return (
        (await table.findFirst({ where: { userId, id: range }, select: { id: true } })) !== null
      );
    },

    async update({ id, userId, imageKey, imageUrl, imageId }, changes) {
      const [row] = await table.updateManyAndReturn({
        where: { id, userId, imageKey, imageUrl, imageId },
        data: { ...changes, updatedAt: new Date() },
      });
      return row ? toItem(row) : null;
    },

    async remove(userId, id) {
      const { count } = await table.deleteMany({ where: { id, userId } });
      return count === 1;
    },
  };
}

/** `= ANY` with one array is one prepared statement, where an IN list is one for every length. */
function selectByIds(
  database: Database,
  userId: string,
  ids: readonly string[],
): Promise<WishlistItemModel[]> {
  return database.$queryRaw<WishlistItemModel[]>`
    SELECT id, user_id AS "userId", title, image_key AS "imageKey", image_url AS "imageUrl",
      image_id AS "imageId", image_updated_at AS "imageUpdatedAt", created_at AS "createdAt",
      updated_at AS "updatedAt"
    FROM wishlist_items WHERE user_id = ${userId} AND id = ANY(${[...ids]})`;
}

/** This module's inserts guarantee the narrower types. */
function toItem(row: WishlistItemModel): WishlistItem {
  return { ...row, id: row.id as WishlistItemId, imageId: row.imageId as ImageId | null };
}
