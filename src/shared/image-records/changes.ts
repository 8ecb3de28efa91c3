import type { ImageId } from '../../domain/image-id.ts';
import type { FailureReason } from '../../domain/image-status.ts';
import { Prisma } from '../../generated/prisma/client.ts';
import type { Database } from '../database.ts';

/** What validation found out about the object version that is served from now on. */
export interface ValidatedObject {
  sizeBytes: number;
  versionId: string | null;
  etag: string | null;
  width: number;
  height: number;
  thumbhash: string;
  thumbnailVersionId: string | null;
}

/** The PostgreSQL channel on which the ids of changed images are told. */
export const IMAGE_CHANGES = 'image_changes';

/**
 * Tells the `id` of each row: for the RETURNING of a statement that changes or removes images. Told
 * when the transaction commits, so never of a change that did not happen; by the same statement, so
 * that no crash comes between. As text, because Prisma reads no `void`.
 */
export const NOTICE_OF_CHANGE = Prisma.raw(`pg_notify('${IMAGE_CHANGES}', id)::text AS notice`);

/** The database, or a transaction. */
type Queryable = Pick<Database, '$queryRaw'>;

/** pending -> ready. False when the record was not pending any more. */
export function updateToReady(
  database: Queryable,
  id: ImageId,
  object: ValidatedObject,
): Promise<boolean> {
  const { sizeBytes, versionId, etag, width, height, thumbhash, thumbnailVersionId } = object;
  return leavePending(
    database,
    id,
    Prisma.sql`status = 'ready', size_bytes = ${sizeBytes}, version_id = ${versionId},
      etag = ${etag}, width = ${width}, height = ${height}, thumbhash = ${thumbhash},
      thumbnail_version_id = ${thumbnailVersionId}`,
  );
}

/** pending -> failed. False when the record was not pending any more. */
export function updateToFailed(
  database: Queryable,
  id: ImageId,
  reason: FailureReason,
): Promise<boolean> {
  return leavePending(database, id, Prisma.sql`status = 'failed', failure_reason = ${reason}`);
}

/** The time is cast, or its text would be read in the session's zone. */
async function leavePending(
  database: Queryable,
  id: ImageId,
  assignments: Prisma.Sql,
): Promise<boolean> {
  const changed = await database.$queryRaw<unknown[]>`
    UPDATE image_records SET ${assignments}, updated_at = ${new Date().toISOString()}::timestamptz
    WHERE id = ${id} AND status = 'pending' RETURNING ${NOTICE_OF_CHANGE}`;
  return changed.length === 1;
}
