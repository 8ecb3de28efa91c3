import type { ContentType } from '../../domain/content-types.ts';
import type { AuditJobId, AuditStage, AuditStats, AuditStatus } from '../../domain/format-audit.ts';
import type { ImageId } from '../../domain/image-id.ts';
import type { FailureReason, ImageStatus } from '../../domain/image-status.ts';

/** A record has left `pending`, by compare-and-set: told once, by whoever was first. */
export interface StatusChange {
  imageId: ImageId;
  contentType: ContentType;
  from: ImageStatus;
  to: Exclude<ImageStatus, 'pending'>;
  /** Null unless failed. */
  reason: FailureReason | null;
  /** Since the record was created, in milliseconds. */
  ageMs: number;
}

/** How a client was told to upload: a presigned PUT or a form (presigned POST). */
export const UPLOAD_WAYS = ['put', 'form'] as const;

/** What the reaper found: an object after all (`ready`, `failed`), none, or that somebody was faster. */
export const REAP_OUTCOMES = ['ready', 'failed', 'never_uploaded', 'superseded'] as const;

interface ImageField {
  imageId: ImageId;
}

interface AuditField {
  jobId: AuditJobId;
  stage: AuditStage;
}

interface MessageFields {
  messageId: string;
  /** How often the message was received, this time included. */
  receiveCount: number;
}

/**
 * Every event that is both logged and counted, with the fields of its log line. No bucket, foreign
 * object key, URL or secret belongs into a field. `docs/observability.md` lists the same.
 */
export interface EventFields {
  'ingest.url_created': ImageField & {
    contentType: ContentType;
    via: (typeof UPLOAD_WAYS)[number];
  };
  'image.status_changed': StatusChange;
  /** The event of the version that is served came again. */
  'ingest.duplicate': ImageField;
  /** An upload URL was used again after validation; that version was deleted. */
  'ingest.overwrite_refused': ImageField & { versionId: string | null };
  /** The event of a record that has failed; the version was deleted (again). */
  'ingest.already_failed': ImageField & { versionId: string | null };
  /** An upload of an image that was deleted; that version was deleted too. */
  'ingest.deleted_meanwhile': ImageField & { versionId: string | null };
  /** An object in another bucket, or under a key that is none of ours, which may hold anything. */
  'ingest.foreign': Record<never, never>;
  'message.retried': MessageFields & { err: unknown };
  'message.dead_lettered': MessageFields & { reason: string };
  /** `ageMs` since the record was created. */
  'image.reaped': ImageField & { outcome: (typeof REAP_OUTCOMES)[number]; ageMs: number };
  /** An object below `ingest/` without a record; null where its key is no image's. */
  'ingest.orphan_deleted': { imageId: ImageId | null; ageMs: number };
  /** Not found any more from now on; its objects follow. */
  'image.deleted': ImageField;
  /** Nothing is left of it in the store, and the CDN was told; `ageMs` since it was deleted. */
  'image.deletion_finished': ImageField & { ageMs: number };
  'audit.started': AuditField & { dryRun: boolean };
  /** A page of objects is counted; the numbers are those of the page. */
  'audit.page_done': AuditField & AuditStats & { dryRun: boolean; seconds: number };
  /** Completed, failed or cancelled; the numbers are those of the whole job as yet. */
  'audit.finished': AuditField & AuditStats & { status: AuditStatus };
}

export type EventName = keyof EventFields;

/** The level of each event's log line: `warn` is worth a look when it becomes frequent. */
export const EVENT_LEVELS: Readonly<Record<EventName, 'info' | 'warn'>> = {
  'ingest.url_created': 'info',
  'image.status_changed': 'info',
  'ingest.duplicate': 'info',
  'ingest.overwrite_refused': 'warn',
  'ingest.already_failed': 'info',
  'ingest.deleted_meanwhile': 'info',
  'ingest.foreign': 'warn',
  'message.retried': 'warn',
  'message.dead_lettered': 'warn',
  'image.reaped': 'info',
  'ingest.orphan_deleted': 'info',
  'image.deleted': 'info',
  'image.deletion_finished': 'info',
  'audit.started': 'info',
  'audit.page_done': 'info',
  'audit.finished': 'info',
};
