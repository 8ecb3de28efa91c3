import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { type GraphqlError, JSON_HEADERS, startTestApi, type TestApi } from '../support/api.ts';

const TOKEN = 'token-of-the-operators';
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/);
const FIELDS = `id stage status dryRun limit prefix force failedAttempts
  createdAt startedAt completedAt updatedAt
  stats { processed fixed alreadyCorrect skipped errors copied alreadyExists skippedNotJpeg deleted
    skippedNoJpg }
  errors { key reason } left { key reason }`;
const START = `mutation ($input: StartFormatAuditInput!) {
  payload: startFormatAudit(input: $input) { job { ${FIELDS} } userErrors { code message field } }
}`;
const CANCEL = `mutation ($id: ID!) {
  payload: cancelFormatAudit(id: $id) { job { id status } userErrors { code message field } }
}`;

let api: TestApi;
let sql: pg.Client;

beforeAll(async () => {
  api = await startTestApi({ ADMIN_TOKEN: TOKEN });
  sql = new pg.Client({ connectionString: api.config.DATABASE_URL });
  await sql.connect();
});

afterEach(() => sql.query('DELETE FROM format_audit_jobs'));

afterAll(async () => {
  await sql.end();
  await api.close();
});

interface Job {
  id: string;
  status: string;
}
interface Payload {
  payload: { job: Job | null; userErrors: object[] };
}

async function ask<Data>(query: string, variables: object = {}, token: string | null = TOKEN) {
  const authorization: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  const { json } = await api.send('/graphql', {
    method: 'POST',
    headers: { ...JSON_HEADERS, ...authorization },
    body: JSON.stringify({ query, variables }),
  });
  return json as { data: Data; errors?: GraphqlError[] };
}

async function start(input: object): Promise<Payload['payload']> {
  const { data, errors } = await ask<Payload>(START, { input });
  expect(errors).toBeUndefined();
  return data.payload;
}

async function started(input: object): Promise<Job> {
  const { job, userErrors } = await start(input);
  expect(userErrors).toEqual([]);
  if (!job) throw new Error('no job');
  return job;
}

test('starts a job, shows it and cancels it', async () => {
  const job = await started({ stage: 2, limit: 5, prefix: 'a/' });
  const none = { processed: 0, fixed: 0, alreadyCorrect: 0, skipped: 0, errors: 0, copied: 0 };
  expect(job).toEqual({
    ...{ id: expect.stringMatching(/^mig_\d{8}_\d{3}$/), stage: 2, status: 'PENDING' },
    ...{ dryRun: false, limit: 5, prefix: 'a/', force: false, failedAttempts: 0 },
    ...{ createdAt: TIME, startedAt: null, completedAt: null, updatedAt: TIME },
    stats: { ...none, alreadyExists: 0, skippedNotJpeg: 0, deleted: 0, skippedNoJpg: 0 },
    ...{ errors: [], left: [] },
  });
  const show = `query ($id: ID!) { formatAuditJob(id: $id) { ${FIELDS} } }`;
  const stats = { processed: 9, already_exists: 2, skipped_no_jpg: 3 };
  await sql.query(`UPDATE format_audit_jobs SET stats = stats || $1, failures = 4, errors = $2`, [
    JSON.stringify(stats),
    JSON.stringify([{ key: 'k', reason: 'r' }]),
  ]);
  expect((await ask(show, { id: job.id })).data).toMatchObject({
    formatAuditJob: {
      ...{ id: job.id, failedAttempts: 4, errors: [{ key: 'k', reason: 'r' }] },
      stats: { processed: 9, alreadyExists: 2, skippedNoJpg: 3 },
    },
  });
  expect((await ask(show, { id: 'mig_20260120_001' })).data).toEqual({ formatAuditJob: null });
  const cancelled = { job: { id: job.id, status: 'CANCELLED' }, userErrors: [] };
  for (const _twice of [1, 2]) {
    expect((await ask(CANCEL, { id: job.id })).data).toEqual({ payload: cancelled });
  }
});

test('what is expected to fail is in userErrors', async () => {
  expect(await start({ stage: 5 })).toEqual({
    job: null,
    userErrors: [{ code: 'INVALID_AUDIT', message: 'stage must be 1, 2 or 3', field: 'stage' }],
  });
  const { id } = await started({ stage: 1 });
  expect((await start({ stage: 1, dryRun: true })).userErrors).toEqual([
    {
      code: 'AUDIT_JOB_ACTIVE',
      message: `job ${id} of stage 1 is pending on the prefix ""`,
      field: null,
    },
  ]);
  expect((await start({ stage: 3 })).userErrors).toMatchObject([
    { code: 'AUDIT_NOT_PREPARED', field: 'stage' },
  ]);
  expect(await started({ stage: 3, force: true })).toMatchObject({ status: 'PENDING' });
  const unknown = await ask<Payload>(CANCEL, { id: 'x' });
  expect(unknown.data.payload.userErrors).toEqual([
    { code: 'AUDIT_JOB_NOT_FOUND', message: 'audit job not found', field: 'id' },
  ]);
  await sql.query("UPDATE format_audit_jobs SET status = 'failed'");
  const ended = await ask<Payload>(CANCEL, { id });
  expect(ended.data.payload.userErrors).toMatchObject([{ code: 'AUDIT_JOB_ENDED' }]);
});

test('jobs are a connection, newest first', async () => {
  const ids: string[] = [];
  for (const prefix of ['a', 'b', 'c']) ids.unshift((await started({ stage: 1, prefix })).id);
  const list = `query ($after: String) { formatAuditJobs(first: 2, after: $after) {
    edges { node { id } cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`;
  interface List {
    formatAuditJobs: {
      edges: { node: { id: string }; cursor: string }[];
      pageInfo: { hasNextPage: boolean; endCursor: string };
    };
  }
  const first = (await ask<List>(list)).data.formatAuditJobs;
  const { endCursor: after } = first.pageInfo;
  const second = (await ask<List>(list, { after })).data.formatAuditJobs;
  expect([...first.edges, ...second.edges].map(({ node }) => node.id)).toEqual(ids);
  expect([first.pageInfo.hasNextPage, second.pageInfo.hasNextPage]).toEqual([true, false]);
  expect((await ask(list, { after: 'x' })).errors).toMatchObject([
    { extensions: { code: 'INVALID_PAGE_ARGUMENTS', field: 'after' } },
  ]);
});

describe('only operators', () => {
  const FIELDS_FOR_OPERATORS = [
    '{ formatAuditJob(id: "mig_20260120_001") { id } }',
    '{ formatAuditJobs { edges { cursor } } }',
    'mutation { startFormatAudit(input: { stage: 9 }) { job { id } } }',
    'mutation { cancelFormatAudit(id: "mig_20260120_001") { job { id } } }',
  ];

  test.each(FIELDS_FOR_OPERATORS)('%s', async (query) => {
    for (const token of [null, 'token-of-somebody-else']) {
      const { errors } = await ask(query, {}, token);
      expect(errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    }
  });

  test('without ADMIN_TOKEN it is off', async () => {
    const off = await startTestApi();
    try {
      const { errors } = await off.graphql('{ formatAuditJobs { edges { cursor } } }');
      expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    } finally {
      await off.close();
    }
  });
});
