import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type AuditJobId, noStats } from '../../src/domain/format-audit.ts';
import { makeRunAudit, type RunAuditDeps } from '../../src/features/audit/run-audit.ts';
import { makeSweepAudits } from '../../src/features/audit/sweep-audits.ts';
import { createDatabase, type Database, pingDatabase } from '../../src/shared/database.ts';
import {
  type FormatAuditJob,
  type FormatAuditJobs,
  makeFormatAuditJobs,
  type NewAudit,
} from '../../src/shared/format-audit-jobs.ts';
import { createTelemetry } from '../../src/shared/telemetry/telemetry.ts';
import { type FakeStages, fakeStages, statsOf } from '../support/audit.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { type CapturedLog, captureLog } from '../support/log.ts';

const never = new AbortController().signal;
const AUDIT: NewAudit = { stage: 1, prefix: '', dryRun: false, limit: null, force: false };

let testDatabase: TestDatabase;
let database: Database;
let jobs: FormatAuditJobs;
let log: CapturedLog;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const { logger } = captureLog();
  database = createDatabase({ databaseUrl: testDatabase.url, poolSize: 5, logger });
  await pingDatabase(database);
  jobs = makeFormatAuditJobs(database);
});

beforeEach(() => {
  log = captureLog();
});

afterEach(() => database.formatAuditJob.deleteMany());

afterAll(async () => {
  await database.$disconnect();
  await testDatabase.drop();
});

async function insert(changes: Partial<NewAudit> = {}): Promise<AuditJobId> {
  const inserted = await jobs.insert({ ...AUDIT, ...changes });
  if ('conflict' in inserted) throw new Error(`in conflict with ${inserted.conflict.id}`);
  return inserted.job.id;
}

async function job(id: AuditJobId): Promise<FormatAuditJob> {
  const found = await jobs.find(id);
  if (!found) throw new Error(`there is no job ${id}`);
  return found;
}

function runner({ auditOnePage }: FakeStages, changes: Partial<RunAuditDeps> = {}) {
  const { logger } = log;
  const telemetry = createTelemetry();
  const deps = { jobs, auditOnePage, telemetry, logger, checkSeconds: 0.05, ...changes };
  const run = makeRunAudit(deps);
  return (id: AuditJobId, signal = never) => run(id, { signal, owner: randomUUID() });
}

const changesOf = (id: AuditJobId) => jobs.listChanges(id, { after: null, limit: 1000 });
const pagesDone = () => log.lines.filter(({ msg }) => msg === 'audit.page_done').length;
/** As when a runner was killed and its lease is over. */
const killRunners = () =>
  database.$executeRaw`UPDATE format_audit_jobs SET lease_until = now() - interval '1 second'`;

/** Stops a call until told; tells when it has come there. */
function gate() {
  let open = () => {};
  let reached = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const arrival = new Promise<void>((resolve) => {
    reached = resolve;
  });
  return {
    arrival,
    open: () => open(),
    async pass() {
      reached();
      await opened;
    },
  };
}

describe('a run', () => {
  test('goes to the end, counts every page, and keeps what was changed', async () => {
    const id = await insert();
    const stages = fakeStages(10);
    expect(await runner(stages)(id)).toEqual({ outcome: 'ended' });
    expect(stages.calls).toEqual([null, 'key-003', 'key-006', 'key-009']);
    expect(await job(id)).toMatchObject({
      ...{ status: 'completed', stats: statsOf(10), pages: 4, checkpoint: 'key-009', failures: 0 },
      errors: [
        { key: 'key-005', reason: 'it is archived' },
        { key: 'key-010', reason: 'it is archived' },
      ],
      left: [{ key: 'key-007', reason: 'it is not JPEG' }],
      startedAt: expect.any(Date),
      completedAt: expect.any(Date),
    });
    expect(await changesOf(id)).toEqual(
      ['key-003', 'key-006', 'key-009'].map((key) => ({
        key,
        from: 'image/png',
        to: 'image/jpeg',
      })),
    );
    expect(pagesDone()).toBe(4);
    expect(log.lines.at(-1)).toMatchObject({ msg: 'audit.finished', status: 'completed' });
    expect(await runner(stages)(id)).toEqual({ outcome: 'elsewhere' });
  });

  test('looks at no more objects than it was told to', async () => {
    const id = await insert({ limit: 8 });
    const stages = fakeStages(100);
    await runner(stages)(id);
    expect(stages.calls).toHaveLength(3);
    expect(await job(id)).toMatchObject({ status: 'completed', stats: statsOf(8) });
  });

  test('keeps the first hundred errors and counts all', async () => {
    const id = await insert();
    await runner(fakeStages(600))(id);
    const { errors, stats } = await job(id);
    expect([errors.length, errors[99]?.key, stats.errors]).toEqual([100, 'key-500', 120]);
  });

  test('gives way after its turn, and goes on where it was', async () => {
    const id = await insert();
    const stages = fakeStages(7);
    const run = runner(stages, { turnSeconds: 0 });
    const turn = { outcome: 'turn_over' };
    expect([await run(id), await run(id), await run(id)]).toEqual([
      turn,
      turn,
      { outcome: 'ended' },
    ]);
    expect(await job(id)).toMatchObject({ status: 'completed', stats: statsOf(7) });
  });

  test('keys that no text can hold are counted, and reported as well as can be', async () => {
    const id = await insert();
    const odd = 'a\0\ud800';
    const stages = fakeStages(1);
    const { auditOnePage } = stages;
    const calls: (string | null)[] = [];
    await runner({
      ...stages,
      async auditOnePage(request, from, signal) {
        calls.push(from.after);
        const page = await auditOnePage(request, { ...from, after: null }, signal);
        const change = { key: odd, from: odd, to: 'image/png' };
        const errors = [{ key: odd, reason: odd }];
        return { ...page, errors, changes: [change], next: from.after === null ? odd : null };
      },
    })(id);
    expect(calls).toEqual([null, odd]);
    expect(await job(id)).toMatchObject({
      status: 'completed',
      errors: [{ key: 'a\ufffd\ufffd' }, {}],
    });
    expect(await changesOf(id)).toMatchObject([{ key: 'a\ufffd\ufffd' }]);
  });
});

describe('nothing is counted twice', () => {
  test('when two runners begin at once, one works', async () => {
    const id = await insert();
    const stages = fakeStages(10);
    const run = runner(stages);
    const outcomes = await Promise.all([run(id), run(id), run(id)]);
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual([
      'elsewhere',
      'elsewhere',
      'ended',
    ]);
    expect(stages.calls).toHaveLength(4);
  });

  test('when a runner that was taken for dead comes back with its page', async () => {
    const id = await insert();
    const slow = fakeStages(10);
    const { arrival, pass, open } = gate();
    slow.during((after) => (after === 'key-003' ? pass() : undefined));
    // One that hears of nothing: it never asks whether the job is still its own.
    const late = runner(slow, { checkSeconds: 3600 })(id);
    await arrival;
    await killRunners();
    expect(await runner(fakeStages(10))(id)).toEqual({ outcome: 'ended' });
    open();
    expect(await late).toEqual({ outcome: 'elsewhere' });
    expect(await job(id)).toMatchObject({ status: 'completed', stats: statsOf(10), pages: 4 });
    expect(pagesDone()).toBe(4);
  });

  test('when both are at the same page, the first one counts', async () => {
    const id = await insert();
    const one = (await jobs.takeUp(id, 'one', 60)) as FormatAuditJob;
    const stats = { ...noStats(), processed: 3 };
    const page = { stats, errors: [], changes: [], next: 'c', isLast: false };
    expect(await jobs.countPage(one, 'another', page)).toBeNull();
    expect(await jobs.countPage(one, 'one', page)).toMatchObject({ pages: 1, checkpoint: 'c' });
    // An answer that was lost on its way, and the statement again.
    expect(await jobs.countPage(one, 'one', page)).toBeNull();
    expect(await job(id)).toMatchObject({ stats, pages: 1 });
  });

  test('when the changes cannot be stored, the page is not counted either', async () => {
    const id = await insert();
    await database.$executeRaw`
      ALTER TABLE format_audit_changes ADD CONSTRAINT refused CHECK (object_key <> 'key-003')`;
    try {
      await expect(runner(fakeStages(10))(id)).rejects.toThrow();
    } finally {
      await database.$executeRaw`ALTER TABLE format_audit_changes DROP CONSTRAINT refused`;
    }
    expect(await job(id)).toMatchObject({ status: 'running', pages: 0, checkpoint: null });
    // The lease was given back: nobody has to wait for it.
    expect(await runner(fakeStages(10))(id)).toEqual({ outcome: 'ended' });
    expect(await job(id)).toMatchObject({ stats: statsOf(10) });
  });
});

describe('what is about to be changed', () => {
  const change = (key: string) => ({ key, from: 'image/png', to: 'image/jpeg' });

  test('is handed to the next run, counts with its page, and is forgotten with the job', async () => {
    const id = await insert();
    const stages = fakeStages(10);
    const { auditOnePage } = stages;
    const handed: string[][] = [];
    let isKilled = false;
    const run = runner({
      ...stages,
      async auditOnePage(request, from, signal) {
        handed.push([...from.intents.earlier.keys()]);
        if (from.after === 'key-003' && !isKilled) {
          isKilled = true;
          // As many as are in work; one of them comes to nothing.
          await Promise.all(['key-006', 'key-004'].map((key) => from.intents.add(change(key))));
          throw new Error('killed');
        }
        return auditOnePage(request, from, signal);
      },
    });
    await run(id);
    expect(await jobs.listIntended(id)).toEqual([change('key-006'), change('key-004')]);
    expect((await changesOf(id)).map(({ key }) => key)).toEqual(['key-003']);
    await killRunners();
    expect(await run(id)).toEqual({ outcome: 'ended' });
    expect(handed.slice(0, 3)).toEqual([[], [], ['key-006', 'key-004']]);
    expect((await changesOf(id)).map(({ key }) => key)).toEqual(['key-003', 'key-006', 'key-009']);
    expect(await jobs.listIntended(id)).toEqual([]);
    expect(await database.formatAuditChange.count()).toBe(3);
  });

  test('and cannot be stored is not begun: the page is tried again', async () => {
    const id = await insert();
    const stages = fakeStages(10);
    await database.$executeRaw`
      ALTER TABLE format_audit_changes ADD CONSTRAINT refused CHECK (object_key <> 'key-001')`;
    try {
      const run = runner({
        ...stages,
        async auditOnePage(request, from, signal) {
          await from.intents.add(change('key-001'));
          return stages.auditOnePage(request, from, signal);
        },
      });
      expect(await run(id)).toMatchObject({ outcome: 'put_off' });
    } finally {
      await database.$executeRaw`ALTER TABLE format_audit_changes DROP CONSTRAINT refused`;
    }
    expect(stages.calls).toEqual([]);
    expect(await job(id)).toMatchObject({ status: 'running', pages: 0, failures: 1 });
  });
});

describe('told to stop', () => {
  test('by its signal, it leaves the page uncounted for the next one', async () => {
    const id = await insert();
    const stopping = new AbortController();
    const stages = fakeStages(10);
    stages.during((after) => {
      if (after === 'key-006') stopping.abort();
    });
    expect(await runner(stages)(id, stopping.signal)).toEqual({ outcome: 'interrupted' });
    expect(await job(id)).toMatchObject({ status: 'running', stats: statsOf(6), failures: 0 });
    expect(await jobs.listWaiting()).toEqual([id]);
    const next = fakeStages(10);
    expect(await runner(next)(id)).toEqual({ outcome: 'ended' });
    expect(next.calls).toEqual(['key-006', 'key-009']);
    expect(await job(id)).toMatchObject({ status: 'completed', stats: statsOf(10) });
  });

  test('before its first object, it does not take that for an empty bucket', async () => {
    const id = await insert();
    const stopping = new AbortController();
    const auditOnePage = async () => {
      stopping.abort();
      return { stats: noStats(), errors: [], changes: [], next: null };
    };
    const run = runner({ ...fakeStages(10), auditOnePage });
    expect(await run(id, stopping.signal)).toEqual({ outcome: 'interrupted' });
    expect(await job(id)).toMatchObject({ status: 'running', pages: 0 });
  });

  test('by a cancellation, it ends the page in work and counts what was done of it', async () => {
    const id = await insert();
    const stages = fakeStages(10);
    const { auditOnePage } = stages;
    // As stages that come to an end between two objects.
    const gentle: typeof auditOnePage = async (request, from, signal) => {
      if (from.after !== 'key-003') return auditOnePage(request, from, signal);
      await jobs.cancel(id);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      const rest = { ...from, remaining: 1 };
      return auditOnePage(request, rest, never);
    };
    expect(await runner({ ...stages, auditOnePage: gentle })(id)).toEqual({
      outcome: 'interrupted',
    });
    expect(await job(id)).toMatchObject({ status: 'cancelled', stats: statsOf(4) });
    expect(await jobs.listWaiting()).toEqual([]);
  });

  test('a job that is cancelled between two pages goes no further', async () => {
    const id = await insert();
    const stages = fakeStages(10);
    stages.during(async (after) => {
      if (after === 'key-003') await jobs.cancel(id);
    });
    await runner(stages, { checkSeconds: 3600 })(id);
    expect(stages.calls).toEqual([null, 'key-003']);
    expect(await job(id)).toMatchObject({ status: 'cancelled', stats: statsOf(6) });
  });

  test('until the page in work has ended, no other job may begin', async () => {
    const id = await insert();
    const { arrival, pass, open } = gate();
    const stages = fakeStages(10);
    stages.during(pass);
    const running = runner(stages)(id);
    await arrival;
    await jobs.cancel(id);
    const during = await insert().catch(String);
    open();
    await running;
    expect(during).toBe(`Error: in conflict with ${id}`);
    await insert();
  });
});

describe('while the store is away', () => {
  test('the job is put off for longer and longer, and goes on when it is back', async () => {
    const id = await insert();
    const stages = fakeStages(10);
    stages.during((after) => {
      if (after === 'key-003') throw new Error('connect ECONNREFUSED 10.0.0.7');
    });
    const run = runner(stages);
    const seconds = [];
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const result = await run(id);
      seconds.push('putOffSeconds' in result && result.putOffSeconds);
      expect(await run(id)).toEqual({ outcome: 'elsewhere' });
      await killRunners();
    }
    expect(seconds).toEqual([5, 10, 20, 40, 80, 160, 300, 300]);
    const stuck = await job(id);
    expect(stuck).toMatchObject({ status: 'running', stats: statsOf(3), errors: [], failures: 8 });
    stages.during(() => {});
    expect(await run(id)).toEqual({ outcome: 'ended' });
    expect(await job(id)).toMatchObject({ stats: statsOf(10), failures: 0 });
  });

  test('after very many attempts it is given up, and says so without naming the store', async () => {
    const id = await insert();
    const stages = fakeStages(10);
    stages.during(() => {
      throw new Error('connect ECONNREFUSED 10.0.0.7');
    });
    const run = runner(stages, { maxFailures: 2 });
    await run(id);
    await killRunners();
    expect(await run(id)).toEqual({ outcome: 'ended' });
    expect(await job(id)).toMatchObject({
      status: 'failed',
      errors: [
        {
          key: '',
          reason: 'given up after 2 failed attempts in a row: the store does not answer',
        },
      ],
      completedAt: expect.any(Date),
    });
  });

  test('a listing that does not move is a failure, not an endless run', async () => {
    const id = await insert();
    const stages = fakeStages(3);
    const stuck = { ...stages, auditOnePage: async () => ({ ...stuckPage, next: 'key-003' }) };
    const stuckPage = { stats: noStats(), errors: [], changes: [] };
    expect(await runner(stuck)(id)).toMatchObject({ outcome: 'put_off' });
  });
});

describe('a cancelled or failed job', () => {
  test('can be taken up again from where it was', async () => {
    const id = await insert();
    const stages = fakeStages(10);
    stages.during(async (after) => {
      if (after === 'key-003') await jobs.cancel(id);
    });
    await runner(stages, { checkSeconds: 3600 })(id);
    const lease = { owner: 'me', seconds: 60 };
    expect(await jobs.reopen(id, lease)).toMatchObject({
      job: { id, status: 'running', completedAt: null },
    });
    expect(await jobs.reopen(id, lease)).toBeNull();
    await killRunners();
    await runner(stages)(id);
    expect(await job(id)).toMatchObject({ status: 'completed', stats: statsOf(10) });
  });

  test('but not while another one is at the same objects', async () => {
    const id = await insert({ prefix: 'a/' });
    await jobs.cancel(id);
    const other = await insert();
    expect(await jobs.reopen(id, { owner: 'me', seconds: 60 })).toMatchObject({
      conflict: { id: other },
    });
  });
});

describe('the sweep', () => {
  test('tells the workers of active jobs that nobody works on', async () => {
    const [lost, dead, cancelled] = [
      await insert({ prefix: 'lost/' }),
      await insert({ prefix: 'dead/' }),
      await insert({ prefix: 'cancelled/' }),
    ];
    await jobs.cancel(cancelled);
    await jobs.takeUp(dead, 'somebody', 60);
    await killRunners();
    const alive = await insert({ prefix: 'alive/' });
    await jobs.takeUp(alive, 'somebody', 60);
    const sent: AuditJobId[] = [];
    const sweep = makeSweepAudits({ jobs, sendJob: async (id) => void sent.push(id) });
    expect(await sweep(never)).toEqual({ sent: 2, forgotten: 0 });
    expect(sent).toEqual([lost, dead]);
  });

  test('forgets what jobs that ended a month ago did object by object, and keeps the jobs', async () => {
    const id = await insert();
    await runner(fakeStages(10))(id);
    const leftOf = () => jobs.listLeft(id, { after: null, limit: 1000 });
    expect((await leftOf()).map(({ key, outcome }) => `${key} ${outcome}`)).toEqual([
      'key-005 errors',
      'key-007 already_correct',
      'key-010 errors',
    ]);
    const sweepIn = (days: number) =>
      makeSweepAudits({
        jobs,
        sendJob: async () => {},
        now: () => Date.now() + days * 86_400_000,
      })(never);
    expect(await sweepIn(29)).toMatchObject({ forgotten: 0 });
    expect(await sweepIn(31)).toMatchObject({ forgotten: 6 });
    expect([...(await changesOf(id)), ...(await leftOf())]).toEqual([]);
    expect(await job(id)).toMatchObject({ status: 'completed', stats: statsOf(10) });
  });
});

test('a job is stored also when the workers cannot be told', async () => {
  const inserted = await jobs.insert(AUDIT, {
    alongside: (transaction) => transaction.$queryRawUnsafe('SELECT * FROM pgboss.job').then(),
  });
  expect(inserted).toMatchObject({ job: { status: 'pending' } });
  await eventually(async () => expect(await jobs.listWaiting()).toHaveLength(1));
});
