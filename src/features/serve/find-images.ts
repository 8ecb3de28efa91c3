import { assertNotTooManyIds } from '../../domain/id-list.ts';
import { isImageId } from '../../domain/image-id.ts';
import type { ImageRecord } from '../../shared/image-records.ts';
import type { RequestContext } from '../../shared/request-context.ts';

type Loaders = Pick<RequestContext['loaders'], 'images'>;

/** The image with this id, whatever its status; null where there is none. */
export function findImage(loaders: Loaders, id: string): Promise<ImageRecord | null> {
  // Text that is no ULID cannot be the id of anything: no need to ask the database.
  return isImageId(id) ? loaders.images.one(id) : NO_IMAGE;
}

const NO_IMAGE = Promise.resolve(null);

/**
 * Images aligned with `ids`, null where there is none. Throws DomainError("TOO_MANY_IDS") for more
 * than 50 ids.
 */
export async function findImages(
  loaders: Loaders,
  ids: readonly string[],
): Promise<(ImageRecord | null)[]> {
  assertNotTooManyIds(ids);
  if (ids.length > 0 && ids.every(isImageId)) return loaders.images.list(ids);
  return Promise.all(ids.map((id) => findImage(loaders, id)));
}
