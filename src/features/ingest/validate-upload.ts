import { DomainError } from '../../domain/domain-error.ts';
import type { ImageId } from '../../domain/image-id.ts';
import { imageIdOfKey, imageThumbnailKey } from '../../domain/object-keys.ts';
import type { ImageDeletions } from '../../shared/image-records/deletions.ts';
import type { ImageRecord, ImageRecords } from '../../shared/image-records.ts';
import type { ObjectStore, ObjectVersion } from '../../shared/object-store.ts';
import type { StatusChange } from '../../shared/telemetry/events.ts';
import { type ValidateVersionDeps, type Verdict, validateVersion } from './validate-version.ts';

/** "This object version was created in this bucket", as the store's event says. */
export interface UploadEvent extends ObjectVersion {
  bucket: string;
}

/** What became of the event. All of them are final: the event is done with. */
export type UploadOutcome =
  | Verdict
  /** Not in our bucket, or under a key that is none of ours. */
  | { kind: 'foreign' }
  /** Delivered again for the version that is being served. */
  | { kind: 'duplicate' }
  /** Somebody used the upload URL again after validation; that version is deleted. */
  | { kind: 'overwrite_refused' }
  /** Came for a record that has failed; that version is deleted. */
  | { kind: 'already_failed' }
  /** Came for an image that was deleted; that version is deleted, and what became of it. */
  | { kind: 'deleted_meanwhile' };

export interface ValidateUploadDeps extends ValidateVersionDeps {
  records: Pick<ImageRecords, 'findMany' | 'markReady' | 'markFailed'>;
  deletions: Pick<ImageDeletions, 'find'>;
  objects: Pick<ObjectStore, 'bucket' | 'open' | 'put' | 'deleteVersion' | 'deleteVersionsExcept'>;
}

type ReportChange = (change: StatusChange) => void;

/**
 * @param redelivered whether the event may have been handled in part before, up to a crash
 * @param report told of a change of status as soon as it is stored: what comes after it may fail
 */
export type ValidateUpload = (
  event: UploadEvent,
  redelivered: boolean,
  report?: ReportChange,
) => Promise<UploadOutcome>;

/**
 * Settles one upload: the record becomes ready or failed, and no object version stays that is not
 * served. Safe to run again after a crash between any two steps, and beside itself: the status
 * changes by compare-and-set only, and an object is deleted only after its record says so.
 * Throws DomainError("UNKNOWN_RECORD"), and whatever the database or the store throw.
 */
export function makeValidateUpload(deps: ValidateUploadDeps): ValidateUpload {
  return async (event, redelivered, report = () => {}) => {
    const id = event.bucket === deps.objects.bucket ? imageIdOfKey(event.key) : null;
    if (id === null) return { kind: 'foreign' };
    const outcome = await settle(deps, id, event, report);
    if (redelivered || outcome.kind === 'overwrite_refused' || outcome.kind === 'already_failed') {
      await deleteStrayThumbnails(deps, id);
    }
    return outcome;
  };
}

async function settle(
  deps: ValidateUploadDeps,
  id: ImageId,
  event: UploadEvent,
  report: ReportChange,
): Promise<UploadOutcome> {
  for (;;) {
    const [record] = await deps.records.findMany([id]);
    if (!record) return settleDeleted(deps, id, event);
    if (record.objectKey !== event.key) throw unknownRecord();
    if (record.status === 'ready') {
      if (isServedVersion(record, event)) return { kind: 'duplicate' };
      await deps.objects.deleteVersion(event);
      return { kind: 'overwrite_refused' };
    }
    if (record.status === 'failed') {
      await deps.objects.deleteVersion(event);
      return { kind: 'already_failed' };
    }
    const records = reporting(deps.records, record, report);
    const verdict = await validateVersion({ ...deps, records }, record, event);
    if (verdict) return verdict;
    // Another worker was faster, so the record is not pending any more: look at it again.
  }
}

/**
 * The image was deleted, before its upload came or while a worker had it in work. Whoever deletes
 * the objects of the image may have been there before this upload, or before its thumbnail.
 */
async function settleDeleted(
  { deletions, objects }: ValidateUploadDeps,
  id: ImageId,
  event: UploadEvent,
): Promise<UploadOutcome> {
  const deletion = await deletions.find(id);
  if (deletion?.objectKey !== event.key) throw unknownRecord();
  await objects.deleteVersion(event);
  await objects.deleteVersionsExcept(imageThumbnailKey(id), null);
  return { kind: 'deleted_meanwhile' };
}

function unknownRecord(): DomainError {
  return new DomainError('UNKNOWN_RECORD', 'there is no image record for the uploaded object');
}

/** The same records, whose changes of status are reported. */
function reporting(
  records: ValidateUploadDeps['records'],
  { id: imageId, contentType, createdAt }: ImageRecord,
  report: ReportChange,
): ValidateVersionDeps['records'] {
  const tell = (to: StatusChange['to'], reason: StatusChange['reason']) => {
    const ageMs = Date.now() - createdAt.getTime();
    report({ imageId, contentType, from: 'pending', to, reason, ageMs });
  };
  return {
    async markReady(id, object) {
      const changed = await records.markReady(id, object);
      if (changed) tell('ready', null);
      return changed;
    },
    async markFailed(id, reason) {
      const changed = await records.markFailed(id, reason);
      if (changed) tell('failed', reason);
      return changed;
    },
  };
}

/** Version ids decide where there are any: the same bytes uploaded twice are two versions. */
function isServedVersion(record: ImageRecord, event: UploadEvent): boolean {
  if (record.versionId !== null && event.versionId !== null) {
    return record.versionId === event.versionId;
  }
  return record.etag !== null && record.etag === event.etag;
}

/** A crash between writing a thumbnail and recording it leaves one that no record names. */
async function deleteStrayThumbnails(
  { records, objects }: ValidateUploadDeps,
  id: ImageId,
): Promise<void> {
  const [record] = await records.findMany([id]);
  // Without versions the one thumbnail there is belongs to the ready image.
  if (record?.status === 'ready' && record.thumbnailVersionId === null) return;
  await objects.deleteVersionsExcept(imageThumbnailKey(id), record?.thumbnailVersionId ?? null);
}
