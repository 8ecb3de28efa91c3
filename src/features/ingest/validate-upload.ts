import { DomainError } from '../../domain/domain-error.ts';
import type { FailureReason } from '../../domain/image-status.ts';
import { imageIdOfKey } from '../../domain/object-keys.ts';
import type { ImageRecord, ImageRecords } from '../../shared/image-records.ts';
import type { ObjectStore, ObjectVersion } from '../../shared/object-store.ts';
import { inspectObject } from './inspect-object.ts';

/** "This object version was created in this bucket", as the store's event says. */
export interface UploadEvent extends ObjectVersion {
  bucket: string;
}

/** What became of the event. All of them are final: the event is done with. */
export type UploadOutcome =
  | { kind: 'ready' }
  | { kind: 'failed'; reason: FailureReason }
  /** Not in our bucket, or under a key that is none of ours. */
  | { kind: 'foreign' }
  /** Delivered again for the version that is being served. */
  | { kind: 'duplicate' }
  /** Somebody used the upload URL again after validation; that version is deleted. */
  | { kind: 'overwrite_refused' }
  /** Came for a record that has failed; that version is deleted. */
  | { kind: 'already_failed' };

export interface ValidateUploadDeps {
  records: Pick<ImageRecords, 'findMany' | 'markReady' | 'markFailed'>;
  objects: Pick<ObjectStore, 'bucket' | 'open' | 'deleteVersion'>;
  maxSizeBytes: number;
}

export type ValidateUpload = (event: UploadEvent) => Promise<UploadOutcome>;

/**
 * Settles one upload: the record becomes ready or failed, and no object version stays that is not
 * served. Safe to run again after a crash between any two steps, and beside itself: the status
 * changes by compare-and-set only, and an object is deleted only after its record says so.
 * Throws DomainError("UNKNOWN_RECORD"), and whatever the database or the store throw.
 */
export function makeValidateUpload(deps: ValidateUploadDeps): ValidateUpload {
  return async (event) => {
    const id = event.bucket === deps.objects.bucket ? imageIdOfKey(event.key) : null;
    if (id === null) return { kind: 'foreign' };

    for (;;) {
      const [record] = await deps.records.findMany([id]);
      if (!record || record.objectKey !== event.key) {
        throw new DomainError('UNKNOWN_RECORD', 'there is no image record for the uploaded object');
      }
      if (record.status === 'ready') return settleServed(deps, record, event);
      if (record.status === 'failed') {
        await deps.objects.deleteVersion(event);
        return { kind: 'already_failed' };
      }
      const outcome = await validate(deps, record, event);
      if (outcome) return outcome;
      // Another worker was faster, so the record is not pending any more: look at it again.
    }
  };
}

async function settleServed(
  { objects }: ValidateUploadDeps,
  record: ImageRecord,
  event: UploadEvent,
): Promise<UploadOutcome> {
  if (isServedVersion(record, event)) return { kind: 'duplicate' };
  await objects.deleteVersion(event);
  return { kind: 'overwrite_refused' };
}

/** Version ids decide where there are any: the same bytes uploaded twice are two versions. */
function isServedVersion(record: ImageRecord, event: UploadEvent): boolean {
  if (record.versionId !== null && event.versionId !== null) {
    return record.versionId === event.versionId;
  }
  return record.etag !== null && record.etag === event.etag;
}

/** Null when the record left `pending` meanwhile. */
async function validate(
  { records, objects, maxSizeBytes }: ValidateUploadDeps,
  record: ImageRecord,
  event: UploadEvent,
): Promise<UploadOutcome | null> {
  const object = await objects.open(event);
  if (!object) {
    const failed = await records.markFailed(record.id, 'OBJECT_MISSING');
    return failed ? { kind: 'failed', reason: 'OBJECT_MISSING' } : null;
  }
  const reason = await inspectObject(object, record.contentType, maxSizeBytes);
  if (reason) {
    if (!(await records.markFailed(record.id, reason))) return null;
    await objects.deleteVersion(object);
    return { kind: 'failed', reason };
  }
  return (await records.markReady(record.id, object)) ? { kind: 'ready' } : null;
}
