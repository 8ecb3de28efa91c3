import type { ImageId } from '../../domain/image-id.ts';
import type { Logger } from '../../shared/logger.ts';
import type { ObjectStore, ObjectVersion } from '../../shared/object-store.ts';
import type { StatusChange } from '../../shared/telemetry/events.ts';
import type { Telemetry } from '../../shared/telemetry/telemetry.ts';
import type { ReapRun } from './reap-run.ts';

/**
 * The worker's own validation of an upload, handed in by `app/`: what the reaper finds goes the
 * same way as what an event tells of.
 */
export type SettleUpload = (
  event: ObjectVersion & { bucket: string },
  redelivered: boolean,
  report: (change: StatusChange) => void,
) => Promise<{ kind: SettledKind }>;

type SettledKind =
  | 'ready'
  | 'failed'
  | 'duplicate'
  | 'overwrite_refused'
  | 'already_failed'
  | 'deleted_meanwhile'
  | 'foreign';

export interface SettleDeps {
  objects: Pick<ObjectStore, 'bucket'>;
  settleUpload: SettleUpload;
  telemetry: Pick<Telemetry, 'emit'>;
  logger: Logger;
}

/**
 * Treats one object version as if its event had come (again), and counts what became of it. Resolves
 * with whether this changed the record's status; throws what validation throws.
 */
export async function settleVersion(
  deps: SettleDeps,
  run: ReapRun,
  imageId: ImageId,
  { key, versionId, etag }: ObjectVersion,
): Promise<boolean> {
  const { objects, settleUpload, telemetry, logger } = deps;
  let changed = false;
  const event = { bucket: objects.bucket, key, versionId, etag };
  // Counted when it is stored: what comes after it may fail, and is not repeated for this record.
  const { kind } = await settleUpload(event, true, (change) => {
    changed = true;
    run.result[change.to] += 1;
    tellReaped(deps, change.to, change);
  });
  if (kind === 'overwrite_refused' || kind === 'already_failed') {
    run.result.overwrites_deleted += 1;
    telemetry.emit(`ingest.${kind}`, { imageId, versionId }, logger);
  } else if (kind === 'deleted_meanwhile') {
    telemetry.emit('ingest.deleted_meanwhile', { imageId, versionId }, logger);
  }
  return changed;
}

/** A pending record has been settled by the reaper. */
export function tellReaped(
  { telemetry, logger }: Pick<SettleDeps, 'telemetry' | 'logger'>,
  outcome: 'ready' | 'failed' | 'never_uploaded',
  change: StatusChange,
): void {
  const { imageId, ageMs } = change;
  telemetry.emit('image.status_changed', change, logger);
  telemetry.emit('image.reaped', { imageId, outcome, ageMs }, logger);
}
