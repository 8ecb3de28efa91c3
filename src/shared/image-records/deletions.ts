import type { ImageId } from '../../domain/image-id.ts';
import type { ImageDeletionModel } from '../../generated/prisma/models.ts';
import type { Database } from '../database.ts';
import type { JobTransaction } from '../job-sender.ts';
import { NOTICE_OF_CHANGE } from './changes.ts';

/**
 * A row of `image_deletions`: an image that was deleted. Until `finishedAt` its objects may still be
 * there; afterwards the row tells late events of uploads that there was such an image.
 */
export interface ImageDeletion {
  readonly id: ImageId;
  readonly objectKey: string;
  /** Only then were there URLs to read it, pinned to these versions (null: to none). */
  readonly wasReady: boolean;
  readonly versionId: string | null;
  readonly thumbnailVersionId: string | null;
  readonly requestedAt: Date;
  readonly finishedAt: Date | null;
}

/** Called within the transaction that deletes; when it rejects, the images are deleted without it. */
export type Alongside = (transaction: JobTransaction, ids: readonly ImageId[]) => Promise<void>;

export interface DeletionsQuery {
  /** The last id of the batch before; null for the first batch. */
  after: ImageId | null;
  before: Date;
  limit: number;
}

export interface ImageDeletions {
  /**
   * Takes the records of these images away, for good and at once, and keeps what is to be done.
   * Resolves with the ids of those there were, in no order.
   */
  request(ids: readonly ImageId[], alongside: Alongside): Promise<ImageId[]>;
  /** Null where no such image was deleted, or so long ago that it is forgotten. */
  find(id: ImageId): Promise<ImageDeletion | null>;
  /** Those of the given that are still to be finished. */
  findUnfinished(ids: readonly ImageId[]): Promise<ImageDeletion[]>;
  /** The next batch of those unfinished and requested before that time, in order of their ids. */
  listUnfinished(query: DeletionsQuery): Promise<ImageDeletion[]>;
  /** Resolves with those that were unfinished until now. */
  markFinished(ids: readonly ImageId[]): Promise<ImageDeletion[]>;
  /** The next batch of those finished before that time, in order of their ids. */
  listFinished(query: DeletionsQuery): Promise<ImageDeletion[]>;
  /** Removes the last trace of finished deletions. */
  forget(ids: readonly ImageId[]): Promise<void>;
}

/** Longer than any statement here should take, also when the database is busy. */
const TRANSACTION = { maxWait: 5_000, timeout: 15_000 };

export function makeImageDeletions(database: Database): ImageDeletions {
  const table = database.imageDeletion;

  return {
    async request(ids, alongside) {
      let failure: { error: unknown } | undefined;
      try {
        return await database.$transaction(async (transaction) => {
          const moved = await move(transaction, ids);
          if (moved.length > 0) {
            await alongside(transaction, moved).catch((error: unknown) => {
              failure = { error };
              throw error;
            });
          }
          return moved;
        }, TRANSACTION);
      } catch (error) {
        // Whatever else it was, the transaction may even have been committed.
        if (!failure) throw error;
        return move(database, ids);
      }
    },

    async find(id) {
      const row = await table.findUnique({ where: { id } });
      return row && toDeletion(row);
    },

    async findUnfinished(ids) {
      const rows = await table.findMany({ where: { id: { in: [...ids] }, finishedAt: null } });
      return rows.map(toDeletion);
    },

    async listUnfinished({ after, before, limit }) {
      const rows = await table.findMany({
        where: { finishedAt: null, requestedAt: { lt: before }, id: { gt: after ?? '' } },
        orderBy: { id: 'asc' },
        take: limit,
      });
      return rows.map(toDeletion);
    },

    async markFinished(ids) {
      const rows = await table.updateManyAndReturn({
        where: { id: { in: [...ids] }, finishedAt: null },
        data: { finishedAt: new Date() },
      });
      return rows.map(toDeletion);
    },

    async listFinished({ after, before, limit }) {
      const rows = await table.findMany({
        where: { finishedAt: { lt: before }, id: { gt: after ?? '' } },
        orderBy: { id: 'asc' },
        take: limit,
      });
      return rows.map(toDeletion);
    },

    async forget(ids) {
      await table.deleteMany({ where: { id: { in: [...ids] }, finishedAt: { not: null } } });
    },
  };
}

/**
 * One statement: nobody ever sees the image in both tables or in none. The rows are locked in order
 * of their ids, so that requests for the same images wait for each other and not in a circle. An id
 * can have been here before when its record came back from a backup.
 */
async function move(
  database: Pick<Database, '$queryRaw'>,
  ids: readonly ImageId[],
): Promise<ImageId[]> {
  const rows = await database.$queryRaw<{ id: string }[]>`
    WITH doomed AS (
      SELECT id FROM image_records WHERE id = ANY(${[...ids]}) ORDER BY id FOR UPDATE
    ), gone AS (
      DELETE FROM image_records USING doomed WHERE image_records.id = doomed.id
      RETURNING image_records.id, object_key, status, version_id, thumbnail_version_id
    )
    INSERT INTO image_deletions
      (id, object_key, was_ready, version_id, thumbnail_version_id, requested_at)
    SELECT id, object_key, status = 'ready', version_id, thumbnail_version_id,
      ${new Date().toISOString()}::timestamptz
    FROM gone
    ON CONFLICT (id) DO UPDATE SET object_key = excluded.object_key,
      was_ready = excluded.was_ready, version_id = excluded.version_id,
      thumbnail_version_id = excluded.thumbnail_version_id,
      requested_at = excluded.requested_at, finished_at = NULL
    RETURNING id, ${NOTICE_OF_CHANGE}`;
  return rows.map(({ id }) => id as ImageId);
}

/** `move` guarantees the narrower type. */
function toDeletion(row: ImageDeletionModel): ImageDeletion {
  return { ...row, id: row.id as ImageId };
}
