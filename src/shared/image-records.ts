import type { ContentType } from '../domain/content-types.ts';
import type { ImageId } from '../domain/image-id.ts';
import type { FailureReason, ImageStatus } from '../domain/image-status.ts';
import type { ImageRecordModel } from '../generated/prisma/models.ts';
import type { Database, Statement } from './database.ts';
import { createdAtOf } from './image-ids.ts';
import { updateToFailed, updateToReady, type ValidatedObject } from './image-records/changes.ts';
import { IMAGE_COLUMNS_FOR_DRIVER } from './image-records/columns.ts';
import { createListing, type Listing } from './image-records/listing.ts';

export type { ValidatedObject } from './image-records/changes.ts';

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

/** Where the bytes of an image are, and whether they may be read. */
export type ImageObject = Pick<
  ImageRecord,
  'id' | 'status' | 'failureReason' | 'objectKey' | 'versionId'
>;
export type PendingImage = Pick<ImageRecord, 'id' | 'objectKey' | 'contentType' | 'createdAt'>;
export type NewImageRecord = Pick<ImageRecord, 'id' | 'contentType' | 'fileName' | 'objectKey'>;

export interface PendingQuery {
  createdBefore: Date;
  /** The last id of the batch before; null for the first batch. */
  after: ImageId | null;
  limit: number;
}

export interface ImageRecords extends Listing<ImageRecord> {
  /** Stores a pending record, created at the time in its id. */
  insert(image: NewImageRecord): Promise<ImageRecord>;
  /** One query for all ids; null where there is no record. Aligned with `ids`. */
  findMany(ids: readonly ImageId[]): Promise<(ImageRecord | null)[]>;
  /** As much of each record as it takes to sign a URL: a third of the columns, half of the work. */
  findObjects(ids: readonly ImageId[]): Promise<Map<ImageId, ImageObject>>;
  /** The next batch of pending records, in order of their ids (keyset pagination). */
  listPending(query: PendingQuery): Promise<PendingImage[]>;
  /** pending -> ready. False when the record was not pending any more (compare-and-set). */
  markReady(id: ImageId, object: ValidatedObject): Promise<boolean>;
  /** pending -> failed. False when the record was not pending any more (compare-and-set). */
  markFailed(id: ImageId, reason: FailureReason): Promise<boolean>;
}

export function makeImageRecords(database: Database): ImageRecords {
  return {
    ...createListing(database, toRecord),

    async insert(image) {
      const createdAt = createdAtOf(image.id);
      const { id, contentType, fileName, objectKey } = image;
      await database.runStatement(INSERT_PENDING, [
        ...[id, contentType, fileName, objectKey],
        createdAt,
      ]);
      return { ...image, ...NOT_VALIDATED, status: 'pending', createdAt, updatedAt: createdAt };
    },

    async findMany(ids) {
      const rows = await database.runStatement<DriverRow>(SELECT_BY_IDS, [ids]);
      const byId = new Map(rows.map((row) => [row.id, fromDriver(row)]));
      return ids.map((id) => byId.get(id) ?? null);
    },

    async findObjects(ids) {
      const rows = await database.runStatement<ImageObject>(SELECT_OBJECTS, [ids]);
      return new Map(rows.map((row) => [row.id, row]));
    },

    listPending: (query) => selectPending(database, query),

    markReady: (id, object) => updateToReady(database, id, object),

    markFailed: (id, reason) => updateToFailed(database, id, reason),
  };
}

const INSERT_PENDING: Statement = {
  name: 'insert pending image',
  text: `
    INSERT INTO image_records
      (id, status, content_type, file_name, object_key, created_at, updated_at)
    VALUES ($1, 'pending', $2, $3, $4, $5, $5)`,
};

/** `= ANY` with one array is one prepared statement, where an IN list is one for every length. */
const SELECT_BY_IDS: Statement = {
  name: 'select images by ids',
  text: `
    SELECT ${IMAGE_COLUMNS_FOR_DRIVER}
    FROM image_records WHERE id = ANY($1)`,
};

const SELECT_OBJECTS: Statement = {
  name: 'select objects by ids',
  text: `
    SELECT id, status, failure_reason AS "failureReason", object_key AS "objectKey",
      version_id AS "versionId"
    FROM image_records WHERE id = ANY($1)`,
};

/** What nobody knows before the bytes were looked at. */
const NOT_VALIDATED = {
  ...{ sizeBytes: null, versionId: null, etag: null, width: null, height: null, thumbhash: null },
  ...{ failureReason: null, thumbnailVersionId: null },
} as const;

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

/** To the driver a BIGINT is text. */
type DriverRow = Omit<ImageRecord, 'id' | 'sizeBytes' | 'createdAt' | 'updatedAt'> & {
  id: string;
  sizeBytes: string | null;
  createdAt: number;
  updatedAt: number;
};

/** The row itself becomes the record: fifty copies of fifteen columns are work. */
function fromDriver(row: DriverRow): ImageRecord {
  return Object.assign(row, {
    id: row.id as ImageId,
    sizeBytes: row.sizeBytes === null ? null : Number(row.sizeBytes),
    createdAt: fromEpoch(row.createdAt),
    updatedAt: fromEpoch(row.updatedAt),
  });
}

/** PostgreSQL counts in microseconds, and a fraction need not come back as the one that went in. */
function fromEpoch(milliseconds: number): Date {
  return new Date(Math.floor(Math.round(milliseconds * 1000) / 1000));
}
