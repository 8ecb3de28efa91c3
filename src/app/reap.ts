import { makeValidateUpload } from '../features/ingest/validate-upload.ts';
import { makeReap, type ReapDeps } from '../features/reaper/reap.ts';
import { type OpenReaper, runReapCommand } from '../features/reaper/reap-command.ts';
import type { CommandIo } from '../shared/command.ts';
import type { ReapConfig, WorkerConfig } from '../shared/config.ts';
import { createImageDecoder } from '../shared/image-decoder.ts';
import type { ScheduledJob } from '../shared/jobs.ts';
import type { Logger } from '../shared/logger.ts';
import { createDeps, type Deps, type DepsOptions } from './deps.ts';

/** The reaper for a process of its own. Connects to nothing yet. */
export function openReaper(config: ReapConfig, options: DepsOptions): OpenReaper {
  const deps = createDeps(config, options);
  const settleUpload = makeValidateUpload({
    ...deps,
    decoder: createImageDecoder(config),
    maxSizeBytes: config.S3_MAX_INGEST_SIZE_BYTES,
  });
  const pendingTtlSeconds = config.INGEST_PENDING_TTL_SECS;
  return { reap: makeReap({ ...deps, settleUpload, pendingTtlSeconds }), close: deps.close };
}

/** `npm run reap`. Resolves with the exit status. */
export function reapCommand(
  argv: string[],
  io: CommandIo,
  configure: () => Promise<{ config: ReapConfig; logger: Logger }>,
): Promise<number> {
  return runReapCommand(argv, io, async () => {
    const { config, logger } = await configure();
    return openReaper(config, { logger });
  });
}

/** A run may walk millions of objects, and is told to stop when the worker is. */
const EXPIRE_SECONDS = 6 * 3600;

/** The reaper as a scheduled job of the worker's; null when it is off. */
export function createReaperJob(
  config: WorkerConfig,
  deps: Deps,
  settleUpload: ReapDeps['settleUpload'],
): ScheduledJob | null {
  if (config.REAP_CRON === 'off') return null;
  const pendingTtlSeconds = config.INGEST_PENDING_TTL_SECS;
  const reap = makeReap({ ...deps, settleUpload, pendingTtlSeconds });
  return {
    name: 'reap',
    cron: config.REAP_CRON,
    expireInSeconds: EXPIRE_SECONDS,
    run: (signal) => reap({ signal }),
  };
}
