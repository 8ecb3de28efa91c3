import type { CdnTarget } from '../../domain/cdn-path.ts';
import type { ImageId } from '../../domain/image-id.ts';
import { imageThumbnailKey } from '../../domain/object-keys.ts';
import type { CdnInvalidator } from '../../shared/cdn-invalidator.ts';
import { forEachParallel } from '../../shared/for-each-parallel.ts';
import type { ImageDeletion, ImageDeletions } from '../../shared/image-records/deletions.ts';
import type { Logger } from '../../shared/logger.ts';
import type { ObjectStore } from '../../shared/object-store.ts';
import type { Telemetry } from '../../shared/telemetry/telemetry.ts';

/** What the job of deletions is sent with. */
export interface DeletionJob {
  imageIds: readonly ImageId[];
}

export interface FinishDeletionsDeps {
  deletions: Pick<ImageDeletions, 'findUnfinished' | 'markFinished'>;
  objects: Pick<ObjectStore, 'deleteVersionsExcept'>;
  cdn: Pick<CdnInvalidator, 'forget'>;
  telemetry: Pick<Telemetry, 'emit'>;
  logger: Logger;
}

export type FinishDeletions = (
  ids: readonly ImageId[],
  signal: AbortSignal,
) => Promise<{ finished: number }>;

/** Two listings and two deletions each. */
const CONCURRENCY = 4;

/**
 * Deletes what is left of deleted images: all that the store has, then what the CDN has. In this
 * order, or the CDN could fetch again what it was just told to forget. Killed anywhere and run again
 * it comes to the same end, and so it does beside itself. Throws when something could not be
 * deleted; what could be is finished all the same. Aborted, it finishes what is in work.
 */
export function makeFinishDeletions(deps: FinishDeletionsDeps): FinishDeletions {
  const { deletions, objects, cdn, telemetry, logger } = deps;
  return async (ids, signal) => {
    const unfinished = await deletions.findUnfinished(ids);
    const emptied: ImageDeletion[] = [];
    const faults: unknown[] = [];
    await forEachParallel(unfinished, { limit: CONCURRENCY, signal }, async (deletion) => {
      try {
        await deleteObjects(objects, deletion);
        emptied.push(deletion);
      } catch (error) {
        faults.push(error);
        logger.warn({ imageId: deletion.id, err: error }, 'deletion.item_failed');
      }
    });
    await cdn.forget(emptied.flatMap(whatTheCdnHas));
    const finished = emptied.length === 0 ? [] : await deletions.markFinished(idsOf(emptied));
    for (const { id: imageId, requestedAt } of finished) {
      const ageMs = Date.now() - requestedAt.getTime();
      telemetry.emit('image.deletion_finished', { imageId, ageMs }, logger);
    }
    if (faults.length > 0) {
      const message = `${faults.length} of ${unfinished.length} deletions could not be finished`;
      throw new Error(message, { cause: faults[0] });
    }
    return { finished: finished.length };
  };
}

/** Every version and delete marker of the image and its thumbnail. */
export async function deleteObjects(
  objects: Pick<ObjectStore, 'deleteVersionsExcept'>,
  { id, objectKey }: Pick<ImageDeletion, 'id' | 'objectKey'>,
): Promise<void> {
  await objects.deleteVersionsExcept(objectKey, null);
  await objects.deleteVersionsExcept(imageThumbnailKey(id), null);
}

/** Nobody ever had a URL to read an image that was not ready. */
function whatTheCdnHas(deletion: ImageDeletion): CdnTarget[] {
  if (!deletion.wasReady) return [];
  const { id, objectKey, versionId, thumbnailVersionId } = deletion;
  return [
    { key: objectKey, versionId },
    { key: imageThumbnailKey(id), versionId: thumbnailVersionId },
  ];
}

function idsOf(deletions: readonly ImageDeletion[]): ImageId[] {
  return deletions.map(({ id }) => id);
}
