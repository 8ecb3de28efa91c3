import { DomainError } from '../../domain/domain-error.ts';
import { isImageId } from '../../domain/image-id.ts';
import type { ImageRecord } from '../../shared/image-records.ts';
import type { RequestContext } from '../../shared/request-context.ts';

/** How many ids one list may have. */
export const MAX_IDS = 50;

type Loaders = Pick<RequestContext['loaders'], 'image'>;

/** The image with this id, whatever its status; null where there is none. */
export async function findImage(loaders: Loaders, id: string): Promise<ImageRecord | null> {
  // Text that is no ULID cannot be the id of anything: no need to ask the database.
  return isImageId(id) ? loaders.image.load(id) : null;
}

/**
 * Images aligned with `ids`, null where there is none. Throws DomainError("TOO_MANY_IDS") for more
 * than 50 ids.
 */
export async function findImages(
  loaders: Loaders,
  ids: readonly string[],
): Promise<(ImageRecord | null)[]> {
  if (ids.length > MAX_IDS) {
    throw new DomainError('TOO_MANY_IDS', `at most ${MAX_IDS} ids are allowed`, 'ids');
  }
  return Promise.all(ids.map((id) => findImage(loaders, id)));
}
