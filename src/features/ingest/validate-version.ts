import type { FailureReason } from '../../domain/image-status.ts';
import { imageThumbnailKey } from '../../domain/object-keys.ts';
import type { ImageRecord, ImageRecords } from '../../shared/image-records.ts';
import type { ObjectStore, ObjectVersion } from '../../shared/object-store.ts';
import { type InspectDeps, inspectObject } from './inspect-object.ts';

export interface ValidateVersionDeps extends InspectDeps {
  records: Pick<ImageRecords, 'markReady' | 'markFailed'>;
  objects: Pick<ObjectStore, 'open' | 'put' | 'deleteVersion'>;
}

export type Verdict = { kind: 'ready' } | { kind: 'failed'; reason: FailureReason };

/** A thumbnail's key and version never stand for other bytes, so caches may keep them. */
const THUMBNAIL_CACHE_CONTROL = 'public, max-age=31536000, immutable';

/**
 * Judges one object version for a pending record. Null when the record left `pending` meanwhile,
 * so that another verdict stands; nothing of this one is left then.
 */
export async function validateVersion(
  deps: ValidateVersionDeps,
  record: ImageRecord,
  version: Pick<ObjectVersion, 'key' | 'versionId'>,
): Promise<Verdict | null> {
  const { records, objects } = deps;
  const object = await objects.open(version);
  if (!object) return fail(deps, record, 'OBJECT_MISSING');

  const result = await inspectObject(deps, object, record.contentType);
  if (typeof result === 'string') {
    const failed = await fail(deps, record, result);
    // Only now: while the record is pending, a crash must find the object where it was.
    if (failed) await objects.deleteVersion(object);
    return failed;
  }

  const { thumbnail, ...found } = result;
  const thumbnailKey = imageThumbnailKey(record.id);
  const thumbnailVersionId = await objects.put({
    key: thumbnailKey,
    body: thumbnail,
    contentType: 'image/jpeg',
    cacheControl: THUMBNAIL_CACHE_CONTROL,
  });
  const { sizeBytes, versionId, etag } = object;
  const validated = { ...found, sizeBytes, versionId, etag, thumbnailVersionId };
  if (await records.markReady(record.id, validated)) return { kind: 'ready' };
  if (thumbnailVersionId !== null) {
    await objects.deleteVersion({ key: thumbnailKey, versionId: thumbnailVersionId, etag: null });
  }
  return null;
}

async function fail(
  { records }: ValidateVersionDeps,
  record: ImageRecord,
  reason: FailureReason,
): Promise<Verdict | null> {
  return (await records.markFailed(record.id, reason)) ? { kind: 'failed', reason } : null;
}
