import type { ContentType } from '../domain/content-types.ts';
import type { ImageId } from '../domain/image-id.ts';
import type { FailureReason, ImageStatus } from '../domain/image-status.ts';
import type { ImageRecordModel } from '../generated/prisma/models.ts';
import type { Database } from './database.ts';

/** A row of `image_records`. This module is the only one that touches the table. */
export interface ImageRecord {
  readonly id: ImageId;
  readonly status: ImageStatus;
  readonly contentType: ContentType;
  readonly fileName: string;
  readonly sizeBytes: number | null;
  readonly objectKey: string;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** The object version that was validated; null before that, and in unversioned buckets. */
  readonly versionId: string | null;
  /** Of the validated object, without quotes. */
  readonly etag: string | null;
  readonly width: number | null;
  readonly height: number | null;
  readonly thumbhash: string | null;
  readonly failureReason: FailureReason | null;
  /** The thumbnail made from the validated version; null as `versionId` is. */
  readonly thumbnailVersionId: string | null;
}

export type PendingImage = Pick<ImageRecord, 'id' | 'objectKey' | 'contentType' | 'createdAt'>;
export type NewImageRecord = Pick<ImageRecord, 'id' | 'contentType' | 'fileName' | 'objectKey'>;

/** What validation found out about the object version that is served from now on. */
export interface ValidatedObject
  extends Pick<ImageRecord, 'versionId' | 'etag' | 'thumbnailVersionId'> {
  sizeBytes: number;
  width: number;
  height: number;
  thumbhash: string;
}

export interface PendingQuery {
  createdBefore: Date;
  /** The last id of the batch before; null for the first batch. */
  after: ImageId | null;
  limit: number;
}

export interface ImageRecords {
  /** Stores a pending record. */
  insert(image: NewImageRecord): Promise<ImageRecord>;
  /** One query for all ids; null where there is no record. Aligned with `ids`. */
  findMany(ids: readonly ImageId[]): Promise<(ImageRecord | null)[]>;
  /** The next batch of pending records, in order of their ids (keyset pagination). */
  listPending(query: PendingQuery): Promise<PendingImage[]>;
  /** pending -> ready. False when the record was not pending any more (compare-and-set). */
  markReady(id: ImageId, object: ValidatedObject): Promise<boolean>;
  /** pending -> failed. False when the record was not pending any more (compare-and-set). */
  markFailed(id: ImageId, reason: FailureReason): Promise<boolean>;
}

export function makeImageRecords(database: Database): ImageRecords {
  const table = database.imageRecord;

  async function leavePending(
    id: ImageId,
    data: Parameters<typeof table.updateMany>[0]['data'],
  ): Promise<boolean> {
    const { count } = await table.updateMany({
      where: { id, status: 'pending' },
      data: { ...data, updatedAt: new Date() },
    });
    return count === 1;
  }

  return {
    async insert(image) {
      const now = new Date();
      const row = await table.create({
        data: { ...image, status: 'pending', createdAt: now, updatedAt: now },
      });
      return toRecord(row);
    },

    async findMany(ids) {
      const rows = await selectByIds(database, ids);
      const byId = new Map(rows.map((row) => [row.id, toRecord(row)]));
      return ids.map((id) => byId.get(id) ?? null);
    },

    listPending: (query) => selectPending(database, query),

    markReady: (id, object) => leavePending(id, { ...object, status: 'ready' }),

    markFailed: (id, reason) => leavePending(id, { status: 'failed', failureReason: reason }),
  };
}

/** `= ANY` with one array is one prepared statement, where an IN list is one for every length. */
function selectByIds(database: Database, ids: readonly string[]): Promise<ImageRecordModel[]> {
  return database.$queryRaw<ImageRecordModel[]>`
    SELECT id, status, content_type AS "contentType", file_name AS "fileName",
      size_bytes AS "sizeBytes", object_key AS "objectKey", created_at AS "createdAt",
      updated_at AS "updatedAt", version_id AS "versionId", etag, width, height, thumbhash,
      failure_reason AS "failureReason", thumbnail_version_id AS "thumbnailVersionId"
    FROM image_records WHERE id = ANY(${[...ids]})`;
}

/**
 * The status is part of the text, not a parameter: a plan that is to serve any parameters cannot use
 * the partial index otherwise. The time is cast, or its text would be read in the session's zone.
 */
async function selectPending(
  database: Database,
  { createdBefore, after, limit }: PendingQuery,
): Promise<PendingImage[]> {
  return database.$queryRaw<PendingImage[]>`
    SELECT id, object_key AS "objectKey", content_type AS "contentType", created_at AS "createdAt"
    FROM image_records
    WHERE status = 'pending' AND id > ${after ?? ''}
      AND created_at < ${createdBefore.toISOString()}::timestamptz
    ORDER BY id LIMIT ${limit}`;
}

/** The table's CHECK constraints and this module's inserts guarantee the narrower types. */
function toRecord(row: ImageRecordModel): ImageRecord {
  return {
    ...row,
    id: row.id as ImageId,
    status: row.status as ImageStatus,
    contentType: row.contentType as ContentType,
    sizeBytes: row.sizeBytes === null ? null : Number(row.sizeBytes),
    failureReason: row.failureReason as FailureReason | null,
  };
}
