import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PgBoss } from 'pg-boss';
import { createJobRunner, type JobRunner, type JobRunnerOptions } from '../../src/shared/jobs.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { type CapturedLog, captureLog } from '../support/log.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';

/** Never due while a test runs: jobs are sent by hand. */
const NEXT_YEAR = '0 0 1 1 *';
const JOB = 'reap';

let database: TestDatabase;
/** Looks at the queue and sends to it, as pg-boss of another process would. */
let boss: PgBoss;

beforeAll(async () => {
  database = await createTestDatabase();
  boss = new PgBoss({
    connectionString: database.url,
    max: 1,
    schedule: false,
    supervise: false,
  });
  boss.on('error', () => {});
  await boss.start();
});

afterAll(async () => {
  await boss.stop({ graceful: false });
  await database.drop();
});

interface Runner extends JobRunner {
  log: CapturedLog;
  started: Promise<unknown>;
}

function startRunner(
  run: (signal: AbortSignal) => Promise<object>,
  overrides: Partial<JobRunnerOptions> = {},
): Runner {
  const log = captureLog();
  const runner = createJobRunner({
    databaseUrl: database.url,
    migrate: true,
    logger: log.logger,
    jobs: [{ name: JOB, cron: NEXT_YEAR, expireInSeconds: 3600, run }],
    pollSeconds: 0.5,
    ...overrides,
  });
  runner.start();
  const started = log.find(({ msg }) => msg === 'jobs.started');
  return { ...runner, log, started };
}

async function job(id: string | null) {
  const [found] = await boss.findJobs<object>(JOB, { id: id ?? '' });
  if (!found) throw new Error(`there is no job ${id}`);
  return found;
}

async function makeDueNow(id: string | null): Promise<void> {
  await boss.getDb().executeSql('UPDATE pgboss.job SET start_after = now() WHERE id = $1', [id]);
}

describe('two job runners on one database', () => {
  test('do one run together, and leave out what is due meanwhile', async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    let runs = 0;
    const run = async () => {
      runs += 1;
      await gate;
      return { looked_at: 7 };
    };
    const runners = [startRunner(run), startRunner(run)];
    try {
      await Promise.all(runners.map(({ started }) => started));
      expect(await boss.getSchedules(JOB)).toMatchObject([{ cron: NEXT_YEAR, timezone: 'UTC' }]);

      const id = await boss.send(JOB);
      expect(id).not.toBeNull();
      expect(await boss.send(JOB)).toBeNull();
      await eventually(() => expect(runs).toBe(1));
      expect(await boss.send(JOB)).toBeNull();

      open();
      await eventually(async () => {
        expect(await job(id)).toMatchObject({ state: 'completed', output: { looked_at: 7 } });
      });
      expect(runs).toBe(1);
      const next = await boss.send(JOB);
      await eventually(async () => expect((await job(next)).state).toBe('completed'));
      expect(runs).toBe(2);
    } finally {
      open();
      await Promise.all(runners.map((runner) => runner.stop(5)));
    }
  });

  test('the run of one that is gone is taken over', async () => {
    const killed = startRunner(() => new Promise(() => {}));
    await killed.started;
    const id = await boss.send(JOB);
    await eventually(async () => expect((await job(id)).state).toBe('active'));
    // Its process is killed: nothing is said to the database, no sign of life follows.
    const other = startRunner(async () => ({ took_over: true }));
    try {
      await other.started;
      await boss
        .getDb()
        .executeSql(
          "UPDATE pgboss.job SET heartbeat_on = now() - interval '2 minutes' WHERE id = $1",
          [id],
        );
      await boss.getDb().executeSql('UPDATE pgboss.queue SET monitor_on = NULL', []);
      await boss.supervise(JOB);
      expect((await job(id)).state).toBe('retry');
      await makeDueNow(id);
      await eventually(async () =>
        expect(await job(id)).toMatchObject({ state: 'completed', output: { took_over: true } }),
      );
    } finally {
      await Promise.all([other.stop(5), killed.stop(1)]);
    }
  });

  test('a run that is told to stop comes to its end, and is taken over', async () => {
    const first = startRunner(async (signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return { half: 'done' };
    });
    await first.started;
    const id = await boss.send(JOB);
    await first.log.find(({ msg }) => msg === 'job.started');
    await first.stop(5);
    expect(await job(id)).toMatchObject({ state: 'retry' });

    const second = startRunner(async () => ({ all: 'done' }));
    try {
      await second.started;
      await makeDueNow(id);
      await eventually(async () =>
        expect(await job(id)).toMatchObject({ state: 'completed', output: { all: 'done' } }),
      );
    } finally {
      await second.stop(5);
    }
  });

  test('a run that fails is tried again', async () => {
    let tries = 0;
    const runner = startRunner(async () => {
      tries += 1;
      if (tries === 1) throw new Error('not yet');
      return { tries };
    });
    try {
      await runner.started;
      const id = await boss.send(JOB);
      await eventually(async () => expect((await job(id)).state).toBe('retry'));
      await makeDueNow(id);
      await eventually(async () =>
        expect(await job(id)).toMatchObject({ state: 'completed', output: { tries: 2 } }),
      );
    } finally {
      await runner.stop(5);
    }
  });
});

describe('while the database is away', () => {
  test('a runner waits for it, then schedules', async () => {
    const { hostname, port } = new URL(database.url);
    const proxy = await startTcpProxy({ host: hostname, port: Number(port) });
    const url = new URL(database.url);
    url.host = `127.0.0.1:${proxy.port}`;
    proxy.goAway();
    const runner = startRunner(async () => ({ ran: true }), { databaseUrl: url.href });
    try {
      await runner.log.find(({ msg, failures }) => msg === 'jobs.unavailable' && failures === 2);
      proxy.comeBack();
      await runner.started;
      const id = await boss.send(JOB);
      await eventually(async () => expect((await job(id)).state).toBe('completed'));

      // Afterwards it goes on by itself, too.
      const before = runner.log.lines.length;
      proxy.goAway();
      await eventually(() =>
        expect(runner.log.lines.slice(before)).toContainEqual(
          expect.objectContaining({ msg: 'jobs.unavailable' }),
        ),
      );
      proxy.comeBack();
      const next = await boss.send(JOB);
      await eventually(async () => expect((await job(next)).state).toBe('completed'));
    } finally {
      await runner.stop(5);
      await proxy.close();
    }
  });

  test('a runner that waits can be stopped', async () => {
    const proxy = await startTcpProxy({ host: '127.0.0.1', port: 9 });
    proxy.goAway();
    const url = new URL(database.url);
    url.host = `127.0.0.1:${proxy.port}`;
    const runner = startRunner(async () => ({}), { databaseUrl: url.href });
    await runner.log.find(({ msg }) => msg === 'jobs.unavailable');
    await runner.stop(5);
    await proxy.close();
    expect(runner.log.lines.map(({ msg }) => msg)).not.toContain('jobs.started');
  });
});

test('without the right to create a schema, an installed one will do', async () => {
  const owner = await createTestDatabase();
  const role = `jobs_${Date.now()}`;
  const install = new PgBoss({ connectionString: owner.url, schedule: false, supervise: false });
  install.on('error', () => {});
  await install.start();
  const admin = install.getDb();
  try {
    // What docs/reaper.md grants.
    await admin.executeSql(`CREATE ROLE ${role} LOGIN PASSWORD 'jobs'`);
    await admin.executeSql(`GRANT USAGE ON SCHEMA pgboss TO ${role}`);
    await admin.executeSql(
      `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA pgboss TO ${role}`,
    );
    await admin.executeSql(`GRANT USAGE ON ALL SEQUENCES IN SCHEMA pgboss TO ${role}`);
    await admin.executeSql(`GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pgboss TO ${role}`);
    const url = new URL(owner.url);
    url.username = role;
    url.password = 'jobs';
    const runner = startRunner(async () => ({ ran: true }), {
      databaseUrl: url.href,
      migrate: false,
    });
    try {
      await runner.started;
      const id = await install.send(JOB);
      await eventually(async () => {
        const [sent] = await install.findJobs(JOB, { id: id ?? '' });
        expect(sent?.state).toBe('completed');
      });
      expect(runner.log.lines.map(({ msg }) => msg)).not.toContain('jobs.unavailable');
    } finally {
      await runner.stop(5);
    }
  } finally {
    await admin.executeSql(`DROP OWNED BY ${role}`);
    await admin.executeSql(`DROP ROLE ${role}`);
    await install.stop({ graceful: false });
    await owner.drop();
  }
});
