import { DomainError } from '../../domain/domain-error.ts';
import { assertNotTooManyIds } from '../../domain/id-list.ts';
import { isImageId } from '../../domain/image-id.ts';
import type { Alongside, ImageDeletions } from '../../shared/image-records/deletions.ts';
import type { Logger } from '../../shared/logger.ts';
import type { Telemetry } from '../../shared/telemetry/telemetry.ts';
import type { DeletionJob } from './finish-deletions.ts';

export interface DeletedImages {
  /** Those that there were, each once, in the order in which their ids came first. */
  deleted: string[];
  /** Ids without an image, likewise. */
  notFound: string[];
}

export interface DeleteImagesDeps {
  deletions: Pick<ImageDeletions, 'request'>;
  /** Sends the job that finishes the deletions, as part of the transaction that requests them. */
  sendJob(transaction: Parameters<Alongside>[0], job: DeletionJob): Promise<void>;
  telemetry: Pick<Telemetry, 'emit'>;
}

export type DeleteImages = (ids: readonly string[], logger: Logger) => Promise<DeletedImages>;

/**
 * Deletes up to 50 images: from now on they are not found any more, their objects follow. When no
 * job can be sent the sweep finds what is to be done. Throws DomainError("EMPTY_ID_LIST",
 * "TOO_MANY_IDS").
 */
export function makeDeleteImages(deps: DeleteImagesDeps): DeleteImages {
  return async (ids, logger) => {
    if (ids.length === 0) {
      throw new DomainError('EMPTY_ID_LIST', 'at least one id is required', 'ids');
    }
    assertNotTooManyIds(ids);
    const wanted = [...new Set(ids)];
    // Text that is no ULID cannot be the id of anything: no need to ask the database.
    const possible = wanted.filter(isImageId);
    const gone = new Set<string>(
      possible.length === 0 ? [] : await request(deps, possible, logger),
    );
    for (const imageId of possible.filter((id) => gone.has(id))) {
      deps.telemetry.emit('image.deleted', { imageId }, logger);
    }
    return {
      deleted: wanted.filter((id) => gone.has(id)),
      notFound: wanted.filter((id) => !gone.has(id)),
    };
  };
}

function request(
  { deletions, sendJob }: DeleteImagesDeps,
  ids: Parameters<ImageDeletions['request']>[0],
  logger: Logger,
) {
  return deletions.request(ids, async (transaction, imageIds) => {
    try {
      await sendJob(transaction, { imageIds });
    } catch (error) {
      logger.warn({ err: error }, 'deletion.left_to_sweep');
      throw error;
    }
  });
}
