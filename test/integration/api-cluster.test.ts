import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type ApiCluster, startApiCluster } from '../support/api-cluster.ts';
import { eventually } from '../support/eventually.ts';
import { isRunning } from '../support/processes.ts';
import { sendSteadily } from '../support/steady-requests.ts';

const LIVENESS = '/api/health/liveness';
const ANSWERED = `http_request_duration_seconds_count{method="GET",route="${LIVENESS}",status="2xx"}`;

/** Nine processes start one after the other here, each within a second where nothing else runs. */
jest.setTimeout(300_000);

let api: ApiCluster;

beforeAll(async () => {
  api = await startApiCluster();
});
afterAll(() => api.close());

/** Sends so many requests, each on a connection of its own; resolves with the statuses. */
async function send(count: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let sent = 0; sent < count; sent += 1) {
    const response = await fetch(`${api.url}${LIVENESS}`, { headers: { connection: 'close' } });
    await response.arrayBuffer();
    statuses.push(response.status);
  }
  return statuses;
}

/** How many of a log event there are so far. */
const countOf = (event: string) => api.primary.lines.filter(({ msg }) => msg === event).length;

test('so many processes as asked for take turns on one port', async () => {
  const pids = await api.pids();
  expect(pids).toHaveLength(2);
  expect(await send(8)).toEqual(Array(8).fill(200));
  const served = api.primary.lines.filter(({ msg }) => msg === 'http.request');
  expect(new Set(served.map(({ pid }) => pid))).toEqual(new Set(pids));
  expect(
    new Set(api.primary.lines.filter(({ msg }) => msg === 'api.listening').map(({ port }) => port))
      .size,
  ).toBe(1);
});

test('one metrics endpoint tells the work of all added up, and how each of them is', async () => {
  const before = (await api.scrape()).get(ANSWERED) ?? 0;
  await send(10);
  await eventually(async () => {
    expect((await api.scrape()).get(ANSWERED)).toBe(before + 10);
  });
  const metrics = await api.scrape();
  expect(metrics.get('media_api_processes')).toBe(2);
  expect(metrics.get('media_live_streams')).toBe(0);
  const memory = [...metrics.keys()].filter((name) => /^process_resident_memory_bytes/.test(name));
  expect(memory.sort()).toEqual(
    ['1', '2', 'primary'].map((name) => `process_resident_memory_bytes{process="${name}"}`),
  );
});

describe('a process that is killed', () => {
  test('is replaced, and everybody else is served meanwhile', async () => {
    const [victim = 0, survivor] = await api.pids();
    // Far more than survivors answer between this scrape and the end of the victim.
    await send(60);
    const counted = await eventually(async () => {
      const sum = (await api.scrape()).get(ANSWERED) ?? 0;
      expect(sum).toBeGreaterThan(0);
      return sum;
    });
    const requests = sendSteadily(`${api.url}${LIVENESS}`, { kept: 0, fresh: 3 });
    const ready = countOf('api.process_ready');
    process.kill(victim, 'SIGKILL');
    const [died] = await api.logged('api.process_died', 1);
    expect(died).toMatchObject({ processId: victim, ending: 'SIGKILL' });
    requests.mark('after');
    await api.logged('api.process_ready', ready + 1);
    requests.mark('replaced');
    await eventually(() => {
      expect(requests.outcomes.filter(({ mark }) => mark === 'replaced').length).toBeGreaterThan(
        20,
      );
    });
    await requests.stop('start');
    // What the dead one had in its hands is lost, and nothing else.
    const later = requests.outcomes.filter(({ mark }) => mark !== 'start');
    expect(later.filter(({ result }) => result !== 200)).toEqual([]);

    const pids = await api.pids();
    expect(pids).toHaveLength(2);
    expect(pids).toContain(survivor);
    expect(pids).not.toContain(victim);
    // What it had counted is not forgotten: a sum that falls looks like a restart of all.
    const metrics = await api.scrape();
    expect(metrics.get(ANSWERED)).toBeGreaterThanOrEqual(counted + later.length);
    expect(metrics.get('media_api_processes_died_total')).toBe(1);
  });
});

describe('SIGHUP', () => {
  test.each([
    { without: 'its secrets', breakIt: () => api.keepKey(false), repair: () => api.keepKey(true) },
    {
      without: 'the database',
      breakIt: () => api.database.goAway(),
      repair: () => api.database.comeBack(),
    },
  ])('and new processes that cannot start without $without: the old ones stay', async (trouble) => {
    const before = await api.pids();
    const [failures, reloads] = [countOf('api.reload_failed'), countOf('api.reloaded')];
    trouble.breakIt();
    try {
      api.primary.kill('SIGHUP');
      await api.logged('api.reload_failed', failures + 1);
    } finally {
      trouble.repair();
    }
    expect(await api.pids()).toEqual(before);
    expect(await send(4)).toEqual(Array(4).fill(200));
    expect(countOf('api.reloaded')).toBe(reloads);
  });

  test('replaces every process, and no request fails', async () => {
    const before = await api.pids();
    const requests = sendSteadily(`${api.url}${LIVENESS}`, { kept: 2, fresh: 2 });
    const answered = () => requests.outcomes.length;
    await eventually(() => expect(answered()).toBeGreaterThan(10));
    api.primary.kill('SIGHUP');
    await api.logged('api.reloaded', 1);
    const then = answered();
    await eventually(() => expect(answered()).toBeGreaterThan(then + 10));
    await requests.stop();
    expect(requests.outcomes.filter(({ result }) => result !== 200)).toEqual([]);

    const after = await api.pids();
    expect(after).toHaveLength(2);
    for (const pid of before) expect(after).not.toContain(pid);
    // They were asked to end, and answered what they had.
    expect(countOf('api.process_died')).toBe(1);
    const metrics = await api.scrape();
    expect(metrics.get(ANSWERED)).toBeGreaterThanOrEqual(answered());
  });
});

test('SIGTERM ends all of them in an orderly way', async () => {
  const pids = await api.pids();
  api.primary.kill('SIGTERM');
  expect(await api.primary.ended).toBe(0);
  for (const pid of pids) expect(await isRunning(pid)).toBe(false);
  const stopped = api.primary.lines.filter(({ msg }) => msg === 'process.stopped');
  expect(stopped.map(({ pid }) => pid)).toEqual(expect.arrayContaining([...pids, api.primary.pid]));
});
