import { Router } from 'express';
import { z } from 'zod';
import { DomainError } from '../../domain/domain-error.ts';
import { jsonBody, methodNotAllowed, parseBody } from '../../shared/http.ts';
import { contextOf } from '../../shared/request-context.ts';
import { assertAdmin } from './admin.ts';
import type { CancelAudit } from './cancel-audit.ts';
import { auditNotFound, type FindAudit, type ListAudits } from './get-audit.ts';
import { jobJson } from './job-json.ts';
import type { StartAudit } from './start-audit.ts';

export interface AuditRouteDeps {
  startAudit: StartAudit;
  cancelAudit: CancelAudit;
  findAudit: FindAudit;
  listAudits: ListAudits;
}

const mustBe = (what: string) => (issue: { input?: unknown }) =>
  issue.input === undefined ? 'is missing' : `must be ${what}`;

/** Strict: a misspelt `dry_run` must not become a real run. */
const bodySchema = z.strictObject(
  {
    stage: z.number({ error: mustBe('1, 2 or 3') }),
    dry_run: z.boolean({ error: mustBe('true or false') }).optional(),
    limit: z.number({ error: mustBe('a whole number or null') }).nullish(),
    prefix: z.string({ error: mustBe('a string') }).nullish(),
    force: z.boolean({ error: mustBe('true or false') }).optional(),
  },
  {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? `there is no field ${issue.keys.join(', ')}`
        : 'the request body must be a JSON object with stage, dry_run, limit, prefix and force',
  },
);

/** `POST` and `GET /`, `GET /{job_id}`, `POST /{job_id}/cancel`: for operators. */
export function makeAuditRoutes(deps: AuditRouteDeps): Router {
  const { startAudit, cancelAudit, findAudit, listAudits } = deps;
  const router = Router();
  router.use((_request, response, next) => {
    const context = contextOf(response);
    if (context.admin === 'denied') response.set('WWW-Authenticate', 'Bearer realm="admin"');
    assertAdmin(context);
    next();
  });
  router
    .route('/')
    .get(async (request, response) => {
      const { first, after } = request.query;
      const page = await listAudits({ first: numberOf(first), after: textOf(after, 'after') });
      const { hasNextPage, endCursor } = page.pageInfo;
      response.json({
        items: page.edges.map(({ node }) => jobJson(node)),
        ...(hasNextPage && { next_cursor: endCursor }),
      });
    })
    .post(jsonBody, async (request, response) => {
      const { dry_run: dryRun, ...body } = parseBody(bodySchema, request.body);
      const job = await startAudit({ ...body, dryRun }, contextOf(response).logger);
      response.status(202).location(`${request.baseUrl}/${job.id}`).json(jobJson(job));
    })
    .all(methodNotAllowed('GET', 'HEAD', 'POST'));
  router
    .route('/:jobId')
    .get(async (request, response) => {
      const job = await findAudit(request.params.jobId);
      if (!job) throw auditNotFound();
      response.json(jobJson(job));
    })
    .all(methodNotAllowed('GET', 'HEAD'));
  router
    .route('/:jobId/cancel')
    .post(async (request, response) => {
      response.json(jobJson(await cancelAudit(request.params.jobId, contextOf(response).logger)));
    })
    .all(methodNotAllowed('POST'));
  return router;
}

function numberOf(value: unknown): number | undefined {
  const text = textOf(value, 'first');
  return text === undefined ? undefined : /^\d+$/.test(text) ? Number(text) : Number.NaN;
}

/** A parameter that is there twice is a list. */
function textOf(value: unknown, field: string): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  throw new DomainError('INVALID_PAGE_ARGUMENTS', `${field} must be given once`, field);
}
