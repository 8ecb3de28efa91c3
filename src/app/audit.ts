import { randomUUID } from 'node:crypto';
import { type AuditJobId, isAuditJobId } from '../domain/format-audit.ts';
import { type OpenAudit, runAuditCommand } from '../features/audit/audit-command.ts';
import { makeAuditOnePage } from '../features/audit/audit-page.ts';
import { makeCancelAudit } from '../features/audit/cancel-audit.ts';
import { makeFindAudit, makeListAudits } from '../features/audit/get-audit.ts';
import type { AuditOnePage } from '../features/audit/model.ts';
import type { AuditRouteDeps } from '../features/audit/routes.ts';
import { makeRunAudit, type RunAuditDeps } from '../features/audit/run-audit.ts';
import { makeStartAudit } from '../features/audit/start-audit.ts';
import { makeSweepAudits } from '../features/audit/sweep-audits.ts';
import { createCdnInvalidator } from '../shared/cdn-invalidator.ts';
import type { CommandIo } from '../shared/command.ts';
import type { AuditConfig, WorkerConfig } from '../shared/config.ts';
import { createJobSender } from '../shared/job-sender.ts';
import type { QueuedJob, ScheduledJob } from '../shared/jobs.ts';
import type { Logger } from '../shared/logger.ts';
import { createPacer } from '../shared/pacer.ts';
import { createDeps, type Deps, type DepsOptions } from './deps.ts';

/** The queue of audit jobs that wait for a runner. */
const QUEUE = 'run-format-audit';

/** After a turn the others that wait have theirs. */
const TURN_SECONDS = 120;
/** A turn, and a page that takes very long. */
const EXPIRE_SECONDS = 3600;
const SWEEP_EXPIRE_SECONDS = 600;

/** The API's half: everything but running them. */
export function createAudits({
  audits: jobs,
  telemetry,
}: Pick<Deps, 'audits' | 'telemetry'>): AuditRouteDeps {
  const send = createJobSender(QUEUE);
  return {
    startAudit: makeStartAudit({
      jobs,
      telemetry,
      sendJob: (transaction, id) => send(transaction, { jobId: id }, { key: id }),
    }),
    cancelAudit: makeCancelAudit({ jobs, telemetry }),
    findAudit: makeFindAudit(jobs),
    listAudits: makeListAudits(jobs),
  };
}

export interface AuditJobs {
  queue: QueuedJob;
  sweep: ScheduledJob;
}

type AuditJobsDeps = Pick<Deps, 'audits' | 'database' | 'telemetry' | 'logger'>;

/** What works off the objects, at the configured pace. */
export function createAuditStages(
  config: AuditConfig | WorkerConfig,
  { objects, logger }: Pick<Deps, 'objects' | 'logger'>,
): { auditOnePage: AuditOnePage; close(): void } {
  const cdn = createCdnInvalidator(config);
  const pacer = createPacer(config.AUDIT_REQUESTS_PER_SECOND);
  return { auditOnePage: makeAuditOnePage({ objects, cdn, pacer, logger }), close: cdn.close };
}

/** The worker's half. */
export function createAuditJobs(
  cron: string,
  { audits: jobs, database, telemetry, logger }: AuditJobsDeps,
  auditOnePage: AuditOnePage,
  settings: Pick<RunAuditDeps, 'turnSeconds' | 'checkSeconds' | 'leaseSeconds'> = {},
): AuditJobs {
  const runAudit = makeRunAudit({
    ...{ jobs, auditOnePage, telemetry, logger, turnSeconds: TURN_SECONDS },
    ...settings,
  });
  const send = createJobSender(QUEUE);
  const sendJob = (id: AuditJobId, startAfterSeconds = 0) =>
    send(database, { jobId: id }, { key: id, startAfterSeconds });
  const sweepAudits = makeSweepAudits({ jobs, sendJob: (id) => sendJob(id) });
  return {
    queue: {
      name: QUEUE,
      policy: 'short',
      batchSize: 1,
      expireInSeconds: EXPIRE_SECONDS,
      async run([data], signal) {
        const id = jobIdOf(data);
        if (id === null) return { outcome: 'nonsense' };
        const result = await runAudit(id, { signal, owner: randomUUID() });
        if (result.outcome === 'turn_over') await sendJob(id);
        // A second later, so that it is not too early by the clocks of two statements.
        if (result.outcome === 'put_off') await sendJob(id, result.putOffSeconds + 1);
        return result;
      },
    },
    sweep: {
      name: 'sweep-format-audits',
      cron,
      expireInSeconds: SWEEP_EXPIRE_SECONDS,
      run: sweepAudits,
    },
  };
}

/** Anybody may have sent the job: an API of another version, or somebody by hand. */
function jobIdOf(data: unknown): AuditJobId | null {
  const { jobId } = (data ?? {}) as { jobId?: unknown };
  return typeof jobId === 'string' && isAuditJobId(jobId) ? jobId : null;
}

/** The audit for a process of its own, which does its job itself. Connects to nothing yet. */
export function openAudit(config: AuditConfig, options: DepsOptions): OpenAudit {
  const deps = createDeps(config, options);
  const { audits: jobs, telemetry, logger } = deps;
  const { auditOnePage, close } = createAuditStages(config, deps);
  return {
    ...createAudits(deps),
    jobs,
    startAudit: makeStartAudit({ jobs, telemetry, sendJob: null }),
    runAudit: makeRunAudit({ jobs, auditOnePage, telemetry, logger }),
    logger,
    async close() {
      close();
      await deps.close();
    },
  };
}

/** `npm run audit`. Resolves with the exit status. */
export function auditCommand(
  argv: string[],
  io: CommandIo,
  configure: () => Promise<{ config: AuditConfig; logger: Logger }>,
): Promise<number> {
  return runAuditCommand(argv, io, async () => {
    const { config, logger } = await configure();
    return openAudit(config, { logger });
  });
}
