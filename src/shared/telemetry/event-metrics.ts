import type { Registry } from 'prom-client';
import { CONTENT_TYPES } from '../../domain/content-types.ts';
import { AUDIT_COUNTERS } from '../../domain/format-audit.ts';
import { FAILURE_REASONS } from '../../domain/image-status.ts';
import {
  type BoundedLabels,
  boundedCounter,
  boundedHistogram,
  boundedSum,
  everyCombination,
  NO_LABELS,
} from './bounded-metrics.ts';
import { type EventFields, REAP_OUTCOMES, UPLOAD_WAYS } from './events.ts';

/** What each event adds to the metrics. */
export type EventCounting = { [Name in keyof EventFields]: (fields: EventFields[Name]) => void };

/** From a small file that is checked at once to one that the reaper finds days later, in seconds. */
const AGE_BUCKETS = [0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400, 172_800];

/** Receives beyond this one are counted together: queues that are set up as they should stop at 3. */
const MAX_COUNTED_RECEIVES = 5;
const RECEIVE_COUNTS = ['1', '2', '3', '4', '5+'];

const AUDIT_STAGES = ['1', '2', '3'];
const AUDIT_OUTCOMES = AUDIT_COUNTERS.filter((counter) => counter !== 'processed');

export function createEventCounting(registry: Registry): EventCounting {
  const count = (name: string, help: string, labels: BoundedLabels) =>
    boundedCounter({ registry, name, help, ...labels });
  const countAll = (name: string, help: string) => {
    const increase = count(name, help, NO_LABELS);
    return () => increase();
  };

  const urlCreated = count(
    'media_ingest_urls_created_total',
    'Ingest URLs and forms handed out.',
    everyCombination({ content_type: CONTENT_TYPES, via: UPLOAD_WAYS }),
  );
  const statusChanged = count(
    'media_image_status_changes_total',
    'Image records that left pending.',
    statusLabels(),
  );
  const settled = boundedHistogram({
    registry,
    name: 'media_image_settle_seconds',
    help: 'From the creation of an image record to ready or failed.',
    buckets: AGE_BUCKETS,
    ...everyCombination({ to: ['ready', 'failed'] }),
  });
  const retried = count(
    'media_messages_retried_total',
    'Messages whose handling failed, by how often they were received.',
    everyCombination({ receive_count: RECEIVE_COUNTS }),
  );
  const reaped = count(
    'media_images_reaped_total',
    'Pending records that the reaper looked at.',
    everyCombination({ outcome: REAP_OUTCOMES }),
  );
  const deletionFinished = countAll(
    'media_image_deletions_finished_total',
    'Deleted images of which nothing is left.',
  );
  const deletionTook = boundedHistogram({
    registry,
    name: 'media_image_deletion_seconds',
    help: 'From the deletion of an image until nothing is left of it.',
    buckets: AGE_BUCKETS,
    ...NO_LABELS,
  });

  const auditStarted = count(
    'media_audit_jobs_started_total',
    'Format audit jobs that somebody started.',
    everyCombination({ stage: AUDIT_STAGES }),
  );
  const auditFinished = count(
    'media_audit_jobs_finished_total',
    'Format audit jobs that came to an end.',
    everyCombination({ stage: AUDIT_STAGES, status: ['completed', 'failed', 'cancelled'] }),
  );
  const auditedObjects = boundedSum({
    registry,
    name: 'media_audit_objects_total',
    help: 'Objects that format audits looked at, by what became of them.',
    ...everyCombination({
      stage: AUDIT_STAGES,
      outcome: AUDIT_OUTCOMES,
      dry_run: ['true', 'false'],
    }),
  });

  return {
    'ingest.url_created': ({ contentType, via }) => urlCreated(contentType, via),
    'image.status_changed': ({ to, reason, contentType, ageMs }) => {
      statusChanged(to, reason ?? 'none', contentType);
      settled(ageMs / 1000, to);
    },
    'ingest.duplicate': countAll(
      'media_ingest_duplicates_total',
      'Events of a version that is served already.',
    ),
    'ingest.overwrite_refused': countAll(
      'media_ingest_overwrites_refused_total',
      'Uploads after validation, deleted.',
    ),
    'ingest.already_failed': countAll(
      'media_ingest_already_failed_total',
      'Events of records that have failed.',
    ),
    'ingest.deleted_meanwhile': countAll(
      'media_ingest_deleted_meanwhile_total',
      'Uploads of images that were deleted.',
    ),
    'ingest.foreign': countAll(
      'media_ingest_foreign_total',
      'Events of objects that are not ours.',
    ),
    'message.retried': ({ receiveCount }) =>
      retried(receiveCount < MAX_COUNTED_RECEIVES ? String(receiveCount) : '5+'),
    'message.dead_lettered': countAll(
      'media_messages_dead_lettered_total',
      'Messages sent to the dead-letter queue at once.',
    ),
    'image.reaped': ({ outcome }) => reaped(outcome),
    'ingest.orphan_deleted': countAll(
      'media_ingest_orphans_deleted_total',
      'Objects without a record, deleted.',
    ),
    'image.deleted': countAll('media_images_deleted_total', 'Images that callers deleted.'),
    'image.deletion_finished': ({ ageMs }) => {
      deletionFinished();
      deletionTook(ageMs / 1000);
    },
    'audit.started': ({ stage }) => auditStarted(String(stage)),
    'audit.page_done': ({ stage, dryRun, ...stats }) => {
      for (const outcome of AUDIT_OUTCOMES) {
        auditedObjects(stats[outcome], String(stage), outcome, String(dryRun));
      }
    },
    'audit.finished': ({ stage, status }) => auditFinished(String(stage), status),
  };
}

/** Only a failed image has a reason, so most combinations cannot happen. */
function statusLabels(): BoundedLabels {
  const outcomes = [['ready', 'none'], ...Object.keys(FAILURE_REASONS).map((r) => ['failed', r])];
  return {
    names: ['to', 'reason', 'content_type'],
    series: outcomes.flatMap((outcome) => CONTENT_TYPES.map((type) => [...outcome, type])),
  };
}
