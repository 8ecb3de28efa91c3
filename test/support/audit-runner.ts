import { isAuditJobId } from '../../src/domain/format-audit.ts';
import { makeRunAudit } from '../../src/features/audit/run-audit.ts';
import { createDatabase } from '../../src/shared/database.ts';
import { makeFormatAuditJobs } from '../../src/shared/format-audit-jobs.ts';
import { createTelemetry } from '../../src/shared/telemetry/telemetry.ts';
import { fakeStages } from './audit.ts';
import { captureLog } from './log.ts';

/**
 * A process that works on the job of its second argument, and says where it has come to:
 * node audit-runner.ts DATABASE_URL JOB STOP_AFTER. It stays in the page after that key, for ever.
 */
const [, , databaseUrl = '', id = '', stopAfter] = process.argv;
const { logger } = captureLog();
const jobs = makeFormatAuditJobs(createDatabase({ databaseUrl, poolSize: 2, logger }));
const stages = fakeStages(10);
stages.during(async (after) => {
  process.stdout.write(`${after}\n`);
  if (after === stopAfter) await new Promise(() => {});
});
const run = makeRunAudit({
  jobs,
  auditOnePage: stages.auditOnePage,
  telemetry: createTelemetry(),
  logger,
});
if (isAuditJobId(id)) await run(id, { signal: new AbortController().signal, owner: 'process' });
