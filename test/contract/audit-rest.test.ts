import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { noStats } from '../../src/domain/format-audit.ts';
import { JSON_HEADERS, startTestApi, type TestApi } from '../support/api.ts';

const TOKEN = 'token-of-the-operators';
const PATH = '/api/v1/admin/migrate-image-formats';
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const ADMIN = { authorization: `Bearer ${TOKEN}` };

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

type Job = Record<string, unknown> & { job_id: string };

function start(body: unknown, headers: Record<string, string> = ADMIN) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return api.send(PATH, { method: 'POST', headers: { ...JSON_HEADERS, ...headers }, body: text });
}

async function started(body: object): Promise<Job> {
  const { status, json } = await start(body);
  expect(status).toBe(202);
  return json as Job;
}

const get = (path: string) => api.send(`${PATH}${path}`, { headers: ADMIN });
const cancel = (id: string) => api.send(`${PATH}/${id}/cancel`, { method: 'POST', headers: ADMIN });
const today = () => new Date().toISOString().slice(0, 10).replaceAll('-', '');

describe('POST', () => {
  test('answers 202 with the job, which can be asked for at once', async () => {
    const dayBefore = today();
    const answer = await start({ stage: 1, dry_run: true, limit: 500, prefix: 'uploads/' });
    expect(answer.status).toBe(202);
    const job = answer.json as Job;
    expect(job).toEqual({
      // Midnight may be in between.
      job_id: expect.stringMatching(new RegExp(`^mig_(${dayBefore}|${today()})_\\d{3}$`)),
      ...{ stage: 1, status: 'pending', dry_run: true, limit: 500, prefix: 'uploads/' },
      ...{ force: false, stats: noStats(), errors: [], left: [], failed_attempts: 0 },
      ...{ created_at: TIME, started_at: null, completed_at: null, updated_at: TIME },
    });
    expect(answer.headers.get('location')).toBe(`${PATH}/${job.job_id}`);
    expect((await get(`/${job.job_id}`)).json).toEqual(job);
  });

  test('needs a stage and nothing else', async () => {
    expect(await started({ stage: 2 })).toMatchObject({ dry_run: false, limit: null, prefix: '' });
    expect(await started({ stage: 1, limit: null, prefix: null })).toMatchObject({ limit: null });
  });

  test.each([
    [{}, 'INVALID_REQUEST', 'stage is missing'],
    [{ stage: '1' }, 'INVALID_REQUEST', 'stage must be 1, 2 or 3'],
    [{ stage: 4 }, 'INVALID_AUDIT', 'stage must be 1, 2 or 3'],
    [{ stage: 1.5 }, 'INVALID_AUDIT', 'stage must be 1, 2 or 3'],
    [{ stage: 1, dry_run: 'true' }, 'INVALID_REQUEST', 'dry_run must be true or false'],
    [{ stage: 1, dry_run: null }, 'INVALID_REQUEST', 'dry_run must be true or false'],
    [{ stage: 1, dryRun: true }, 'INVALID_REQUEST', 'there is no field dryRun'],
    [{ stage: 1, limit: 0 }, 'INVALID_AUDIT', 'limit must be a whole number from 1 to 1000000000'],
    [
      { stage: 1, limit: 1.5 },
      'INVALID_AUDIT',
      'limit must be a whole number from 1 to 1000000000',
    ],
    [
      { stage: 1, limit: 1e12 },
      'INVALID_AUDIT',
      'limit must be a whole number from 1 to 1000000000',
    ],
    [{ stage: 1, limit: '5' }, 'INVALID_REQUEST', 'limit must be a whole number or null'],
    [{ stage: 1, force: 1 }, 'INVALID_REQUEST', 'force must be true or false'],
    [{ stage: 1, prefix: 7 }, 'INVALID_REQUEST', 'prefix must be a string'],
    [{ stage: 1, prefix: 'a\0b' }, 'INVALID_AUDIT', 'prefix must not contain control characters'],
    [{ stage: 1, prefix: 'ä'.repeat(513) }, 'INVALID_AUDIT', 'prefix must have at most 1024 bytes'],
    [
      { stage: 1, prefix: 'ingest/' },
      'INVALID_AUDIT',
      'prefix must not be below ingest/: what is there is never audited',
    ],
    [
      { stage: 1, prefix: 'thumbnails/a' },
      'INVALID_AUDIT',
      'prefix must not be below thumbnails/: what is there is never audited',
    ],
    [
      [1],
      'INVALID_REQUEST',
      'the request body must be a JSON object with stage, dry_run, limit, prefix and force',
    ],
    ['{', 'MALFORMED_JSON', 'the request body is not valid JSON'],
  ])('%j is refused: %s', async (body, code, message) => {
    const { status, json } = await start(body);
    expect(json).toEqual({ code, message });
    expect(status).toBe(400);
  });

  test('several fields at fault are named together', async () => {
    const { json } = await start({ stage: 'one', dry_run: 'no' });
    expect(json).toMatchObject({
      message: 'stage must be 1, 2 or 3; dry_run must be true or false',
    });
  });

  test('a second job on the same objects is 409 and names the first', async () => {
    const { job_id } = await started({ stage: 1, prefix: 'uploads/' });
    for (const prefix of ['uploads/', 'uploads/2024/', '']) {
      const { status, json } = await start({ stage: 1, prefix, dry_run: true });
      expect(status).toBe(409);
      expect(json).toEqual({
        code: 'AUDIT_JOB_ACTIVE',
        message: `job ${job_id} of stage 1 is pending on the prefix "uploads/"`,
      });
    }
    await started({ stage: 1, prefix: 'other/' });
    await started({ stage: 2, prefix: 'uploads/' });
    await cancel(job_id);
    await started({ stage: 1, prefix: 'uploads/' });
  });

  test('of many at the same moment one is started; of others all, each with its own id', async () => {
    const same = await Promise.all(Array.from({ length: 8 }, () => start({ stage: 1 })));
    expect(same.map(({ status }) => status).sort()).toEqual([202, ...Array(7).fill(409)]);
    const others = await Promise.all(
      Array.from({ length: 8 }, (_, n) => started({ stage: 2, prefix: `p${n}/` })),
    );
    expect(new Set(others.map(({ job_id }) => job_id)).size).toBe(8);
  });

  test('the thousandth job of a day has one digit more, and is the newest', async () => {
    const { job_id } = await started({ stage: 1 });
    await sql.query('UPDATE format_audit_jobs SET id = $1', [`mig_${today()}_999`]);
    expect(job_id).toBe(`mig_${today()}_001`);
    expect(await started({ stage: 2 })).toMatchObject({ job_id: `mig_${today()}_1000` });
    const { json } = await get('');
    expect((json as { items: Job[] }).items.map((job) => job.job_id)).toEqual([
      `mig_${today()}_1000`,
      `mig_${today()}_999`,
    ]);
    expect((await get(`/mig_${today()}_1000`)).status).toBe(200);
  });
});

describe('stage 3', () => {
  const stage3 = { stage: 3, prefix: 'uploads/' };

  async function addStage2(changes: Record<string, unknown>): Promise<void> {
    const { job_id } = await started({ stage: 2, prefix: 'uploads/' });
    const row = { status: 'completed', ...changes };
    const columns = Object.keys(row).map((name, n) => `${name} = $${n + 2}`);
    await sql.query(`UPDATE format_audit_jobs SET ${columns.join(', ')} WHERE id = $1`, [
      job_id,
      ...Object.values(row),
    ]);
  }

  test.each<[string, Record<string, unknown>]>([
    ['a dry run', { dry_run: true }],
    ['with a limit', { object_limit: 5 }],
    ['with errors', { stats: JSON.stringify({ ...noStats(), errors: 1 }) }],
    ['failed', { status: 'failed' }],
    ['cancelled', { status: 'cancelled' }],
    ['running', { status: 'running' }],
    ['of another prefix', { prefix: 'uploads/a/' }],
    ['really a stage 1', { stage: 1 }],
  ])('is refused when stage 2 was %s', async (_what, changes) => {
    await addStage2(changes);
    const { status, json } = await start(stage3);
    expect(status).toBe(409);
    expect(json).toEqual({
      code: 'AUDIT_NOT_PREPARED',
      message:
        'stage 3 needs a stage 2 of the prefix "uploads/" that was completed without errors,' +
        ' without a limit and not as a dry run; force starts it regardless',
    });
  });

  test('starts after a stage 2 that left nothing undone, by force, or as a dry run', async () => {
    await cancel((await started({ ...stage3, force: true })).job_id);
    await cancel((await started({ ...stage3, dry_run: true })).job_id);
    await addStage2({});
    expect(await started(stage3)).toMatchObject({ force: false });
  });
});

describe('GET and cancel', () => {
  test.each(['mig_20260120_001', 'mig_1', 'x', 'mig_20260120_001%20'])(
    '%s is not found',
    async (id) => {
      const answers = [await get(`/${id}`), await cancel(id)];
      for (const { status, json } of answers) {
        expect(status).toBe(404);
        expect(json).toEqual({ code: 'AUDIT_JOB_NOT_FOUND', message: 'audit job not found' });
      }
    },
  );

  test('a cancelled job stays so; cancelling it again is no error', async () => {
    const { job_id } = await started({ stage: 1 });
    const first = await cancel(job_id);
    expect(first.status).toBe(200);
    expect(first.json).toMatchObject({ job_id, status: 'cancelled', completed_at: TIME });
    const second = await cancel(job_id);
    expect([second.status, second.json]).toEqual([200, first.json]);
  });

  test('what has come to its end cannot be cancelled', async () => {
    const { job_id } = await started({ stage: 1 });
    await sql.query("UPDATE format_audit_jobs SET status = 'completed'");
    const { status, json } = await cancel(job_id);
    expect(status).toBe(409);
    expect(json).toEqual({
      code: 'AUDIT_JOB_ENDED',
      message: `job ${job_id} has completed already`,
    });
  });

  test('all jobs, newest first, page by page', async () => {
    for (let n = 1; n <= 5; n += 1) await started({ stage: 1, prefix: `p${n}/` });
    const seen: unknown[] = [];
    let cursor: string | undefined;
    do {
      const { json } = await get(`?first=2${cursor ? `&after=${cursor}` : ''}`);
      const page = json as { items: Job[]; next_cursor?: string };
      seen.push(...page.items.map(({ prefix }) => prefix));
      cursor = page.next_cursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(['p5/', 'p4/', 'p3/', 'p2/', 'p1/']);
    for (const query of ['?first=0', '?first=101', '?first=x', '?after=x', '?after=a&after=b']) {
      const { status, json } = await get(query);
      expect([status, (json as { code: string }).code]).toEqual([400, 'INVALID_PAGE_ARGUMENTS']);
    }
  });

  test('other methods are 405', async () => {
    const { status, headers } = await api.send(PATH, { method: 'DELETE', headers: ADMIN });
    expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
  });
});

describe('only operators', () => {
  const REFUSED: [string, Record<string, string>][] = [
    ['nothing', {}],
    ['another token', { authorization: 'Bearer token-of-somebody-else' }],
    ['a part of the token', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ['more than the token', { authorization: `Bearer ${TOKEN}x` }],
    ['two tokens', { authorization: `Bearer ${TOKEN} ${TOKEN}` }],
    ['another scheme', { authorization: `Basic ${TOKEN}` }],
    ['no scheme', { authorization: TOKEN }],
    ['a user', { 'x-user-id': 'ann' }],
  ];

  test.each(REFUSED)('with %s it is 401', async (_what, headers) => {
    const answers = [
      await start({ stage: 'nonsense' }, headers),
      await api.send(PATH, { headers }),
      await api.send(`${PATH}/mig_20260120_001`, { headers }),
      await api.send(`${PATH}/mig_20260120_001/cancel`, { method: 'POST', headers }),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="admin"');
      expect(answer.json).toEqual({
        code: 'UNAUTHENTICATED',
        message: 'admin operations need the header authorization: Bearer with the admin token',
      });
    }
  });

  test('the scheme is taken in any case', async () => {
    const { status } = await api.send(PATH, { headers: { authorization: `bearer ${TOKEN}` } });
    expect(status).toBe(200);
  });

  test('the token is nowhere in the log', () => {
    expect(JSON.stringify(api.log.lines)).not.toContain(TOKEN);
  });
});

test('without ADMIN_TOKEN it is off', async () => {
  const off = await startTestApi();
  try {
    for (const headers of [{}, ADMIN]) {
      const { status, json } = await off.send(PATH, { headers });
      expect(status).toBe(403);
      expect(json).toEqual({
        code: 'FORBIDDEN',
        message: 'admin operations are off: the service has no ADMIN_TOKEN configured',
      });
    }
  } finally {
    await off.close();
  }
});
