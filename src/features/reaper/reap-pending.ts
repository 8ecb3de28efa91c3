import type { ImageId } from '../../domain/image-id.ts';
import type { ImageRecords, PendingImage } from '../../shared/image-records.ts';
import type { ObjectStore, ObjectVersion } from '../../shared/object-store.ts';
import { attempt, forEach, type ReapRun } from './reap-run.ts';
import { type SettleDeps, settleVersion, tellReaped } from './settle-version.ts';

export interface ReapPendingDeps extends SettleDeps {
  records: Pick<ImageRecords, 'listPending' | 'markFailed'>;
  objects: Pick<ObjectStore, 'bucket' | 'listVersions'>;
}

/**
 * Settles records that are pending for too long: an upload whose event was lost is validated, a
 * record without any upload fails. Safe beside workers and other reapers, since the status changes
 * by compare-and-set only. Throws when the database cannot be asked for records.
 */
export async function reapPending(deps: ReapPendingDeps, run: ReapRun): Promise<void> {
  let after: ImageId | null = null;
  let count = 0;
  while (!run.signal.aborted) {
    const batch: PendingImage[] = await deps.records.listPending({
      createdBefore: run.olderThan,
      after,
      limit: run.batchSize,
    });
    await forEach(run, batch, async (image) => {
      run.result.looked_at += 1;
      await attempt(run, deps.logger, { imageId: image.id }, () => reapOne(deps, run, image));
    });
    count += batch.length;
    run.onProgress({ what: 'pending image records', count });
    const last = batch.at(-1);
    if (!last || batch.length < run.batchSize) return;
    after = last.id;
  }
}

async function reapOne(deps: ReapPendingDeps, run: ReapRun, image: PendingImage): Promise<void> {
  const versions = await versionsUnder(deps, image.objectKey);
  if (run.dryRun) return countOnly(deps, run, image, versions);
  let settled = versions.length === 0 && (await failNeverUploaded(deps, run, image));
  // In the order of the events that did not come, so that the first upload is the one that counts.
  for (const version of versions) {
    settled = (await settleVersion(deps, run, image.id, version)) || settled;
  }
  if (settled) return;
  const fields = { imageId: image.id, outcome: 'superseded', ageMs: ageOf(image) } as const;
  deps.telemetry.emit('image.reaped', fields, deps.logger);
}

function countOnly(
  { logger }: ReapPendingDeps,
  run: ReapRun,
  { id: imageId }: PendingImage,
  versions: ObjectVersion[],
): void {
  if (versions.length === 0) {
    run.result.never_uploaded += 1;
    logger.info({ imageId }, 'reap.would_fail');
    return;
  }
  // One of them decides, whatever the verdict; the others are in its way.
  run.result.would_be_validated += 1;
  run.result.overwrites_deleted += versions.length - 1;
  logger.info({ imageId, versions: versions.length }, 'reap.would_validate');
}

/** Oldest first. */
async function versionsUnder({ objects }: ReapPendingDeps, key: string): Promise<ObjectVersion[]> {
  for await (const histories of objects.listVersions(key)) {
    // The prefix also finds longer keys.
    const history = histories.find((candidate) => candidate.key === key);
    if (history) return history.versions;
  }
  return [];
}

/** False when a worker was faster. */
async function failNeverUploaded(
  deps: ReapPendingDeps,
  run: ReapRun,
  image: PendingImage,
): Promise<boolean> {
  const { id: imageId, contentType } = image;
  if (!(await deps.records.markFailed(imageId, 'NEVER_UPLOADED'))) return false;
  run.result.never_uploaded += 1;
  tellReaped(deps, 'never_uploaded', {
    imageId,
    contentType,
    from: 'pending',
    to: 'failed',
    reason: 'NEVER_UPLOADED',
    ageMs: ageOf(image),
  });
  return true;
}

function ageOf({ createdAt }: PendingImage): number {
  return Date.now() - createdAt.getTime();
}
