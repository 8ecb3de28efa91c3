import type { Database } from '../database.ts';

/** A picture that is a URL and nothing else. */
export interface LegacyPicture {
  id: string;
  imageUrl: string;
}

export interface NewKey extends LegacyPicture {
  imageKey: string;
}

/** Of all users: what normalising needs. */
export interface LegacyPictures {
  /** The next batch in order of ids (keyset pagination); `after` is null for the first. */
  listLegacy(query: { after: string | null; limit: number }): Promise<LegacyPicture[]>;
  /**
   * Gives pictures their key; the URL stays beside it. One statement for all. Leaves those alone
   * whose picture has changed meanwhile (compare-and-set). Resolves with the ids that were changed.
   */
  setKeys(keys: readonly NewKey[]): Promise<Set<string>>;
}

export function makeLegacyPictures(database: Database): LegacyPictures {
  return {
    // The conditions are those of the partial index, in its words.
    listLegacy: ({ after, limit }) =>
      database.$queryRaw<LegacyPicture[]>`
        SELECT id, image_url AS "imageUrl" FROM wishlist_items
        WHERE image_url IS NOT NULL AND image_key IS NULL AND id > ${after ?? ''}
        ORDER BY id LIMIT ${limit}`,

    async setKeys(keys) {
      if (keys.length === 0) return new Set();
      // In order of ids, as everybody locks them: two runs at once wait for each other at most.
      const rows = await database.$queryRaw<{ id: string }[]>`
        WITH given AS (
          SELECT * FROM unnest(
            ${keys.map(({ id }) => id)}::text[],
            ${keys.map(({ imageUrl }) => imageUrl)}::text[],
            ${keys.map(({ imageKey }) => imageKey)}::text[]
          ) AS given(id, image_url, image_key)
        ), locked AS (
          SELECT item.id, given.image_key FROM wishlist_items item JOIN given ON item.id = given.id
          WHERE item.image_url = given.image_url AND item.image_key IS NULL
          ORDER BY item.id FOR UPDATE OF item
        )
        UPDATE wishlist_items SET image_key = locked.image_key, updated_at = ${new Date().toISOString()}::timestamptz
        FROM locked WHERE wishlist_items.id = locked.id
        RETURNING wishlist_items.id`;
      return new Set(rows.map(({ id }) => id));
    },
  };
}
