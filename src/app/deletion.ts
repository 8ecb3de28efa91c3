import { type ImageId, isImageId } from '../domain/image-id.ts';
import { type DeleteImages, makeDeleteImages } from '../features/deletion/delete-images.ts';
import { makeFinishDeletions } from '../features/deletion/finish-deletions.ts';
import { makeSweepDeletions } from '../features/deletion/sweep-deletions.ts';
import { createCdnInvalidator } from '../shared/cdn-invalidator.ts';
import type { WorkerConfig } from '../shared/config.ts';
import { createJobSender } from '../shared/job-sender.ts';
import type { QueuedJob, ScheduledJob } from '../shared/jobs.ts';
import type { Deps } from './deps.ts';

/** The queue of requests to be finished; also the name of their job. */
const QUEUE = 'finish-deletions';

/** Up to 50 images each; together two paths of the CDN for each image, in one call. */
const JOBS_AT_A_TIME = 10;
const FINISH_EXPIRE_SECONDS = 15 * 60;
/** After a long outage there may be a lot to make up for. */
const SWEEP_EXPIRE_SECONDS = 3600;

/** The API's half: marks, and sends the job. */
export function createDeleteImages(deps: Pick<Deps, 'deletions' | 'telemetry'>): DeleteImages {
  return makeDeleteImages({ ...deps, sendJob: createJobSender(QUEUE) });
}

export interface DeletionJobs {
  queue: QueuedJob;
  sweep: ScheduledJob;
  close(): void;
}

/** The worker's half; null where it is off. */
export function createDeletionJobs(config: WorkerConfig, deps: Deps): DeletionJobs | null {
  if (config.DELETION_SWEEP_CRON === 'off') return null;
  const cdn = createCdnInvalidator(config);
  const finishDeletions = makeFinishDeletions({ ...deps, cdn });
  const sweepDeletions = makeSweepDeletions({ ...deps, finishDeletions });
  return {
    queue: {
      name: QUEUE,
      batchSize: JOBS_AT_A_TIME,
      expireInSeconds: FINISH_EXPIRE_SECONDS,
      run: (jobs, signal) => finishDeletions(jobs.flatMap(imageIdsOf), signal),
    },
    sweep: {
      name: 'sweep-deletions',
      cron: config.DELETION_SWEEP_CRON,
      expireInSeconds: SWEEP_EXPIRE_SECONDS,
      run: sweepDeletions,
    },
    close: cdn.close,
  };
}

/** Anybody may have sent the job: an API of another version, or somebody by hand. */
function imageIdsOf(job: unknown): ImageId[] {
  const { imageIds = [] } = (job ?? {}) as { imageIds?: unknown };
  return Array.isArray(imageIds)
    ? imageIds.filter((id) => typeof id === 'string' && isImageId(id))
    : [];
}
