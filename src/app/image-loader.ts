import DataLoader from 'dataloader';
import type { ImageId } from '../domain/image-id.ts';
import type { ImageRecord, ImageRecords } from '../shared/image-records.ts';

export interface ImageLoader {
  /** Null where there is no such image. */
  one(id: ImageId): Promise<ImageRecord | null>;
  /** Aligned with `ids`. */
  list(ids: readonly ImageId[]): Promise<(ImageRecord | null)[]>;
}

type Found = ReadonlyMap<ImageId, ImageRecord | null>;

/**
 * Looks up with one query whatever is asked for in a tick, one by one or in lists, and nothing twice.
 * A DataLoader of images does the same, with a promise for each: for fifty that took a twentieth of
 * the whole request. Here a promise is for a list.
 */
export function createImageLoader(records: Pick<ImageRecords, 'findMany'>): ImageLoader {
  const lists = new DataLoader(
    (all: readonly (readonly ImageId[])[]) => findTogether(records, all),
    { cache: false },
  );
  /** Where the answer for an id is, or is going to be. */
  const asked = new Map<ImageId, Promise<Found>>();

  function ask(ids: readonly ImageId[]): void {
    const unasked = [...new Set(ids)].filter((id) => !asked.has(id));
    if (unasked.length === 0) return;
    const found = lists.load(unasked);
    for (const id of unasked) asked.set(id, found);
  }

  return {
    async one(id) {
      ask([id]);
      return (await asked.get(id))?.get(id) ?? null;
    },
    async list(ids) {
      ask(ids);
      // Nearly always one.
      const founds = await Promise.all(new Set(ids.map((id) => asked.get(id))));
      return ids.map((id) => founds.find((found) => found?.has(id))?.get(id) ?? null);
    },
  };
}

/** For each list the same answer, which is for all of them. */
async function findTogether(
  records: Pick<ImageRecords, 'findMany'>,
  lists: readonly (readonly ImageId[])[],
): Promise<Found[]> {
  const ids = lists.flat();
  const images = await records.findMany(ids);
  const found = new Map(ids.map((id, index) => [id, images[index] ?? null]));
  return lists.map(() => found);
}
