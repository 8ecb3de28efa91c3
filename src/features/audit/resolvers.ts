import { DomainError, type DomainErrorCode } from '../../domain/domain-error.ts';
import type {
  FormatAuditJobResolvers,
  FormatAuditPayload,
  FormatAuditStatsResolvers,
  FormatAuditStatusResolvers,
  MutationResolvers,
  QueryResolvers,
  UserErrorCode,
} from '../../generated/graphql.ts';
import type { FormatAuditJob } from '../../shared/format-audit-jobs.ts';
import { assertAdmin } from './admin.ts';
import type { AuditRouteDeps } from './routes.ts';

/** The same as REST has. */
export type AuditResolverDeps = AuditRouteDeps;

interface AuditResolvers {
  Query: Pick<QueryResolvers, 'formatAuditJob' | 'formatAuditJobs'>;
  Mutation: Pick<MutationResolvers, 'startFormatAudit' | 'cancelFormatAudit'>;
  FormatAuditJob: Pick<FormatAuditJobResolvers, 'failedAttempts'>;
  FormatAuditStats: FormatAuditStatsResolvers;
  FormatAuditStatus: FormatAuditStatusResolvers;
}

/** The refusals that are `userErrors`; anything else is a top-level error. */
const USER_ERRORS: Partial<Record<DomainErrorCode, UserErrorCode>> = {
  INVALID_AUDIT: 'INVALID_AUDIT',
  AUDIT_JOB_ACTIVE: 'AUDIT_JOB_ACTIVE',
  AUDIT_NOT_PREPARED: 'AUDIT_NOT_PREPARED',
  AUDIT_JOB_NOT_FOUND: 'AUDIT_JOB_NOT_FOUND',
  AUDIT_JOB_ENDED: 'AUDIT_JOB_ENDED',
};

export function makeAuditResolvers(deps: AuditResolverDeps): AuditResolvers {
  const { startAudit, cancelAudit, findAudit, listAudits } = deps;
  return {
    Query: {
      formatAuditJob: (_parent, { id }, context) => {
        assertAdmin(context);
        return findAudit(id);
      },
      formatAuditJobs: (_parent, page, context) => {
        assertAdmin(context);
        return listAudits(page);
      },
    },
    Mutation: {
      startFormatAudit: (_parent, { input }, context) => {
        assertAdmin(context);
        return settled(() => startAudit(input, context.logger));
      },
      cancelFormatAudit: (_parent, { id }, context) => {
        assertAdmin(context);
        return settled(() => cancelAudit(id, context.logger));
      },
    },
    FormatAuditStatus: {
      PENDING: 'pending',
      RUNNING: 'running',
      COMPLETED: 'completed',
      FAILED: 'failed',
      CANCELLED: 'cancelled',
    },
    FormatAuditJob: { failedAttempts: ({ failures }) => failures },
    FormatAuditStats: {
      alreadyCorrect: (stats) => stats.already_correct,
      alreadyExists: (stats) => stats.already_exists,
      skippedNotJpeg: (stats) => stats.skipped_not_jpeg,
      skippedNoJpg: (stats) => stats.skipped_no_jpg,
    },
  };
}

type Payload = Omit<FormatAuditPayload, 'job'> & { job: FormatAuditJob | null };

async function settled(change: () => Promise<FormatAuditJob>): Promise<Payload> {
  try {
    return { job: await change(), userErrors: [] };
  } catch (error) {
    const code = error instanceof DomainError && USER_ERRORS[error.code];
    if (!code) throw error;
    const { message, field } = error;
    return { job: null, userErrors: [{ code, message, field: field ?? null }] };
  }
}
