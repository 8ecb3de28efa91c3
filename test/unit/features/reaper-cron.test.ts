import { describe, expect, test } from '@jest/globals';
import { PgBoss } from 'pg-boss';
import { ConfigError, loadWorkerConfig } from '../../../src/shared/config.ts';
import { isCronExpression } from '../../../src/shared/cron.ts';
import { workerEnvironment } from '../../support/config.ts';

describe('a cron expression', () => {
  test.each([
    '23 * * * *',
    '*/15 * * * *',
    '0 3 * * 1-5',
    '0,30 0-6/2 1 12 7',
    '59 23 31 12 0',
    ' 1  2 3 4 5 ',
  ])('%p is taken, and the scheduler takes it too', (text) => {
    expect(isCronExpression(text)).toBe(true);
    // Connects to nothing.
    const boss = new PgBoss('postgresql://127.0.0.1:1/none');
    expect(boss.previewSchedule(text, { count: 1 })).toHaveLength(1);
  });

  test.each([
    '',
    'off',
    '* * * *',
    '* * * * * *',
    '60 * * * *',
    '* 24 * * *',
    '* * 0 * *',
    '* * * 13 *',
    '* * * * 8',
    '5-1 * * * *',
    '5/10 * * * *',
    '*/0 * * * *',
    '1, * * * *',
    '@hourly',
    '0 0 * JAN *',
    '-1 * * * *',
    'FREQ=DAILY',
  ])('%p is refused', (text) => {
    expect(isCronExpression(text)).toBe(false);
  });
});

describe('the configuration of the reaper', () => {
  test('has defaults', () => {
    expect(loadWorkerConfig(workerEnvironment({ REAP_CRON: '' }))).toMatchObject({
      REAP_CRON: '23 * * * *',
      INGEST_PENDING_TTL_SECS: 86_400,
      JOBS_MIGRATE: true,
    });
    expect(loadWorkerConfig(workerEnvironment({ REAP_CRON: 'off' })).REAP_CRON).toBe('off');
  });

  test('names what it cannot use', () => {
    const environment = workerEnvironment({ REAP_CRON: 'hourly', INGEST_PENDING_TTL_SECS: '59' });
    const load = () => loadWorkerConfig(environment);
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(/REAP_CRON must be off or a cron expression/);
    expect(load).toThrow(/INGEST_PENDING_TTL_SECS must be a whole number from 60 to/);
  });
});
