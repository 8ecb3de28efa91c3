import DataLoader from 'dataloader';
import type { ImageId } from '../domain/image-id.ts';
import type { ImageRecord, ImageRecords } from '../shared/image-records.ts';
import type { RequestContext } from '../shared/request-context.ts';

type ImageLoader = RequestContext['loaders']['images'];

/**
 * Looks up with one query whatever is asked for in a tick, one by one or in lists, and nothing twice.
 * A DataLoader of images does the same, with a promise for each: for fifty that took a twentieth of
 * the whole request. Here a promise is for a list.
 */
export function createImageLoader(records: Pick<ImageRecords, 'findMany'>): ImageLoader {
  const found = new Map<ImageId, ImageRecord>();
  /** For each id the look that finds it, over or under way. */
  const asked = new Map<ImageId, Promise<unknown>>();
  const looks = new DataLoader(
    async (lists: readonly (readonly ImageId[])[]) => {
      for (const image of await records.findMany(lists.flat())) {
        if (image) found.set(image.id, image);
      }
      return lists;
    },
    { cache: false },
  );

  async function list(ids: readonly ImageId[]): Promise<(ImageRecord | null)[]> {
    const unasked = ids.filter((id) => !asked.has(id));
    if (unasked.length > 0) {
      const look = looks.load(unasked);
      for (const id of unasked) asked.set(id, look);
    }
    await Promise.all(new Set(ids.map((id) => asked.get(id))));
    return ids.map((id) => found.get(id) ?? null);
  }

  return { list, one: async (id) => (await list([id]))[0] ?? null };
}
