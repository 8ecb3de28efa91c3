import { createServer, type Server } from 'node:http';
import { afterEach, expect, jest, test } from '@jest/globals';
import { startApiCluster } from '../support/api-cluster.ts';
import { apiEnvironment } from '../support/config.ts';
import { childrenOf, isRunning } from '../support/processes.ts';
import { listenOnAnyPort } from '../support/tcp-proxy.ts';
import { startRole, type WorkerProcess } from '../support/worker-process.ts';

/** For a machine that is busy with something else: nothing here takes long by itself. */
jest.setTimeout(300_000);

const started: WorkerProcess[] = [];
let busy: Server | undefined;

afterEach(async () => {
  for (const api of started) api.kill('SIGKILL');
  await Promise.all(started.map(({ ended }) => ended));
  started.length = 0;
  busy?.close();
  busy = undefined;
});

function start(environment: Record<string, string | undefined>): WorkerProcess {
  const api = startRole('api', apiEnvironment(environment));
  started.push(api);
  return api;
}

test('a configuration that is not usable gets one message, and no process is started', async () => {
  const api = start({ API_PROCESSES: '2', DATABASE_URL: undefined, PORT: 'four' });
  expect(await api.ended).toBe(1);
  expect(api.complaints()).toBe(
    'The configuration is not usable:\n' +
      '  DATABASE_URL is missing (or DATABASE_URL_SECRET_ID)\n' +
      '  PORT must be a whole number from 0 to 65535\n',
  );
  expect(api.lines).toEqual([]);
});

test('a port that is taken gets one message, and ends all', async () => {
  busy = createServer();
  const port = await listenOnAnyPort(busy);
  const api = start({ API_PROCESSES: '3', PORT: String(port) });
  expect(await api.ended).toBe(1);
  expect(api.complaints()).toBe(`Error: bind EADDRINUSE 127.0.0.1:${port}\n`);
  // It was one that tried for all of them.
  const starts = api.lines.filter(({ msg }) => msg === 'api.process_starting');
  expect(starts).toMatchObject([{ slot: 1 }]);
});

test('a primary that is killed leaves no process behind', async () => {
  const api = await startApiCluster({ METRICS_PORT: 'off' });
  try {
    const pids = await api.pids();
    expect(pids).toHaveLength(2);
    api.primary.kill('SIGKILL');
    // Their standard output is the same pipe: it ends with the last of them.
    expect(await api.primary.ended).toBe('SIGKILL');
    for (const pid of pids) expect(await isRunning(pid)).toBe(false);
  } finally {
    await api.close();
  }
});

test('one process is alone, and says that SIGHUP does nothing', async () => {
  const api = start({});
  const { port } = await api.logged('api.listening');
  expect(await childrenOf(api.pid)).toEqual([]);
  api.kill('SIGHUP');
  expect(await api.logged('api.reload_refused')).toMatchObject({ level: 'warn' });
  const answer = await fetch(`http://127.0.0.1:${port}/api/health/liveness`);
  expect(answer.status).toBe(200);
  await answer.arrayBuffer();
  api.kill('SIGTERM');
  expect(await api.ended).toBe(0);
});
