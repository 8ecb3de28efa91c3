import type { ImageId } from '../../domain/image-id.ts';
import type { Logger } from '../../shared/logger.ts';
import type { ObjectStore, ObjectVersion } from '../../shared/object-store.ts';
import type { ReapResult, ReapRun } from './reap-run.ts';

/**
 * The worker's own validation of an upload, handed in by `app/`: what the reaper finds goes the
 * same way as what an event tells of.
 */
export type SettleUpload = (
  event: ObjectVersion & { bucket: string },
  redelivered: boolean,
) => Promise<{ kind: SettledKind }>;

type SettledKind =
  | 'ready'
  | 'failed'
  | 'duplicate'
  | 'overwrite_refused'
  | 'already_failed'
  | 'foreign';

export interface SettleDeps {
  objects: Pick<ObjectStore, 'bucket'>;
  settleUpload: SettleUpload;
  logger: Logger;
}

/** What a settled upload counts as; what a worker settled first is not the reaper's to count. */
const COUNTED_AS: Partial<Record<SettledKind, keyof ReapResult>> = {
  ready: 'ready',
  failed: 'failed',
  overwrite_refused: 'overwrites_deleted',
  already_failed: 'overwrites_deleted',
};

/** Treats one object version as if its event had come (again). Throws what validation throws. */
export async function settleVersion(
  { objects, settleUpload, logger }: SettleDeps,
  run: ReapRun,
  imageId: ImageId,
  version: ObjectVersion,
): Promise<void> {
  const { key, versionId, etag } = version;
  const { kind } = await settleUpload({ bucket: objects.bucket, key, versionId, etag }, true);
  const counter = COUNTED_AS[kind];
  if (counter === undefined) return;
  run.result[counter] += 1;
  logger.info({ imageId, versionId, outcome: kind }, 'image.reaped');
}
