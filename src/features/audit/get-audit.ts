import { DomainError } from '../../domain/domain-error.ts';
import { isAuditJobId } from '../../domain/format-audit.ts';
import type { PageEnds } from '../../domain/page.ts';
import type { FormatAuditJob, FormatAuditJobs } from '../../shared/format-audit-jobs.ts';

/** Null where there is none. */
export type FindAudit = (id: string) => Promise<FormatAuditJob | null>;

export function makeFindAudit(jobs: Pick<FormatAuditJobs, 'find'>): FindAudit {
  // Text that is no id cannot be that of anything: no need to ask the database.
  return async (id) => (isAuditJobId(id) ? jobs.find(id) : null);
}

export function auditNotFound(): DomainError {
  return new DomainError('AUDIT_JOB_NOT_FOUND', 'audit job not found', 'id');
}

export interface ListAuditsInput {
  first?: number | null | undefined;
  after?: string | null | undefined;
}

export interface AuditJobPage {
  edges: { node: FormatAuditJob; cursor: string }[];
  pageInfo: PageEnds;
}

export type ListAudits = (input: ListAuditsInput) => Promise<AuditJobPage>;

const STANDARD_PAGE = 20;
const MAX_PAGE = 100;

/**
 * A page of all jobs, newest first: 20 unless told, at most 100. Throws DomainError
 * ("INVALID_PAGE_ARGUMENTS").
 */
export function makeListAudits(jobs: Pick<FormatAuditJobs, 'list'>): ListAudits {
  return async ({ first, after }) => {
    const limit = first ?? STANDARD_PAGE;
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE) {
      throw invalid(`first must be a whole number from 1 to ${MAX_PAGE}`, 'first');
    }
    const id = after === null || after === undefined ? null : idOf(after);
    const found = await jobs.list({ after: id, limit: limit + 1 });
    const edges = found.slice(0, limit).map((node) => ({ node, cursor: cursorOf(node.id) }));
    return {
      edges,
      pageInfo: {
        hasNextPage: found.length > limit,
        hasPreviousPage: id !== null,
        startCursor: edges[0]?.cursor ?? null,
        endCursor: edges.at(-1)?.cursor ?? null,
      },
    };
  };
}

/** Opaque to clients, so that it may be something else one day. */
function cursorOf(id: string): string {
  return Buffer.from(`id:${id}`).toString('base64url');
}

function idOf(cursor: string) {
  const text = Buffer.from(cursor, 'base64url').toString();
  const id = text.startsWith('id:') ? text.slice('id:'.length) : '';
  if (isAuditJobId(id) && cursorOf(id) === cursor) return id;
  throw invalid('after is not a cursor of this list', 'after');
}

function invalid(problem: string, field: string): DomainError {
  return new DomainError('INVALID_PAGE_ARGUMENTS', problem, field);
}
