import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { PgBoss } from 'pg-boss';
import { startWorker } from '../../src/app/worker.ts';
import { ingestKey } from '../../src/domain/object-keys.ts';
import { loadWorkerConfig } from '../../src/shared/config.ts';
import { captureLog } from '../support/log.ts';
import { query } from '../support/reaper.ts';
import { type Surroundings, startSurroundings } from '../support/surroundings.ts';
import { drawTinyImages } from '../support/tiny-images.ts';

let surroundings: Surroundings;

beforeAll(async () => {
  surroundings = await startSurroundings();
});

afterAll(async () => {
  await surroundings.close();
});

/** The real worker; `use` gets its log. */
async function withWorker(
  environment: Record<string, string>,
  use: (log: ReturnType<typeof captureLog>) => Promise<void>,
): Promise<void> {
  const log = captureLog();
  const config = loadWorkerConfig({
    ...surroundings.environment,
    SHUTDOWN_TIMEOUT_SECS: '5',
    REAP_CRON: '23 * * * *',
    ...environment,
  });
  const worker = startWorker(config, { logger: log.logger });
  try {
    await use(log);
  } finally {
    await worker.close();
  }
}

async function schedules(): Promise<object[]> {
  return query(surroundings, 'SELECT name, cron FROM pgboss.schedule');
}

test('REAP_CRON=off leaves the database without anything of the scheduler', async () => {
  await withWorker({ REAP_CRON: 'off' }, async (log) => {
    await log.find(({ msg }) => msg === 'worker.started');
  });
  const found = await query(surroundings, "SELECT FROM pg_namespace WHERE nspname = 'pgboss'");
  expect(found).toEqual([]);
});

test('a worker schedules the reaper, and runs it when it is due', async () => {
  // Sent beforehand, since a worker asks at its start and then every half a minute.
  const boss = new PgBoss({
    connectionString: surroundings.environment.DATABASE_URL ?? '',
    schedule: false,
    supervise: false,
  });
  boss.on('error', () => {});
  await boss.start();
  await boss.createQueue('reap', { policy: 'exclusive' });
  const jobId = await boss.send('reap');
  expect(jobId).not.toBeNull();

  const id = await surroundings.addRecord();
  // Not told to the queue, so that it is the reaper who finds it.
  surroundings.proxies.sqs.judge(({ action }) => (action === 'ReceiveMessage' ? 'cut' : 'pass'));
  await surroundings.bucket.put(ingestKey(id), (await drawTinyImages())['image/png'], 'image/png');
  const young = await surroundings.addRecord();
  await query(
    surroundings,
    "UPDATE image_records SET created_at = now() - interval '25 hours' WHERE id = $1",
    [id],
  );
  try {
    await withWorker({}, async (log) => {
      await log.find(({ msg }) => msg === 'job.finished');
      expect(log.lines).toContainEqual(
        expect.objectContaining({ msg: 'reap.finished', ready: 1, looked_at: 1, errors: 0 }),
      );
    });
    expect((await surroundings.record(id)).status).toBe('ready');
    expect((await surroundings.record(young)).status).toBe('pending');
    expect(await schedules()).toEqual([{ name: 'reap', cron: '23 * * * *' }]);

    await withWorker({ REAP_CRON: '5 4 * * *' }, async (log) => {
      await log.find(({ msg }) => msg === 'jobs.started');
    });
    expect(await schedules()).toEqual([{ name: 'reap', cron: '5 4 * * *' }]);
  } finally {
    await boss.stop({ graceful: false });
  }
});
