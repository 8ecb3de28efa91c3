import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import {
  access,
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import {
  createDatabaseIfMissing,
  type LocalPostgres,
  startPostgres,
  stopAbandonedPostgres,
} from '../../src/local/postgres.ts';
import { removePostgresFiles } from '../../src/local/postgres-home.ts';
import { eventually } from '../support/eventually.ts';
import { findPorts } from '../support/ports.ts';

const isRoot = process.getuid?.() === 0;
const STARTER = path.resolve(import.meta.dirname, '../support/start-postgres.ts');

let directory: string;
let stateDir: string;
let port: number;
let running: LocalPostgres[];
let children: ChildProcess[];

beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'local-postgres-'));
  await chmod(directory, 0o755);
  stateDir = path.join(directory, 'postgres');
  port = await findPorts();
  running = [];
  children = [];
});

afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await Promise.all(running.map((postgres) => postgres.stop()));
  await removePostgresFiles(stateDir);
  await rm(directory, { recursive: true });
});

async function start(): Promise<LocalPostgres> {
  const postgres = await startPostgres({ stateDir, port });
  running.push(postgres);
  return postgres;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Starts PostgreSQL from a process that can be killed without the test's own dying. */
function startElsewhere(identity: { uid?: number; gid?: number } = {}): ChildProcess {
  const child = spawn(process.execPath, [STARTER, stateDir, String(port)], {
    ...identity,
    cwd: directory,
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  children.push(child);
  return child;
}

async function started(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('It did not start.')));
  await Promise.race([once(child.stdout ?? child, 'data'), ended]);
  ended.catch(() => undefined);
}

function urlFromFiles(password: string): string {
  return `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`;
}

/** The number of the postmaster that runs on these data. */
async function postmasterPid(): Promise<number> {
  return Number.parseInt(await readFile(path.join(stateDir, 'data', 'postmaster.pid'), 'utf8'), 10);
}

test('takes connections over loopback with the generated password only', async () => {
  const postgres = await start();
  const settings = await query(
    postgres.url('postgres'),
    `SELECT current_setting('listen_addresses') AS addresses,
            current_setting('unix_socket_directories') AS sockets`,
  );
  expect(settings).toEqual([{ addresses: '127.0.0.1', sockets: '' }]);
  for (const password of ['', 'postgres']) {
    await expect(query(urlFromFiles(password), 'SELECT 1')).rejects.toThrow(/password/i);
  }
  const file = path.join(stateDir, 'password');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const password = await readFile(file, 'utf8');
  expect(password.length).toBeGreaterThanOrEqual(32);
  expect(postgres.url('media')).toBe(`postgresql://postgres:${password}@127.0.0.1:${port}/media`);
  const log = await readFile(path.join(stateDir, 'postgres.log'), 'utf8');
  expect(log).not.toContain(password);
});

test('keeps its data over a restart, and stops twice without harm or report', async () => {
  const exits: unknown[] = [];
  const first = await start();
  first.onExit((code) => exits.push(code));
  await Promise.all(['media', 'media'].map((name) => createDatabaseIfMissing(first, name)));
  await query(first.url('media'), 'CREATE TABLE kept AS SELECT 42 AS answer');
  await Promise.all([first.stop(), first.stop()]);
  await first.stop();

  const second = await start();
  await createDatabaseIfMissing(second, 'media');
  expect(await query(second.url('media'), 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  expect(exits).toEqual([]);
});

test('applies settings', async () => {
  const postgres = await startPostgres({ stateDir, port, settings: { fsync: 'off' } });
  running.push(postgres);
  expect(await query(postgres.url('postgres'), 'SHOW fsync')).toEqual([{ fsync: 'off' }]);
});

test('stops while clients hold open transactions', async () => {
  const postgres = await start();
  const client = new pg.Client({ connectionString: postgres.url('postgres') });
  const lost = new Promise((resolve) => client.on('error', resolve));
  await client.connect();
  await client.query('BEGIN');
  await postgres.stop();
  await lost;
  await expect(query(postgres.url('postgres'), 'SELECT 1')).rejects.toThrow('ECONNREFUSED');
});

test('takes over after kill -9 of the process that had started it', async () => {
  const child = startElsewhere();
  await started(child);
  const url = urlFromFiles(await readFile(path.join(stateDir, 'password'), 'utf8'));
  await query(url, 'CREATE TABLE kept AS SELECT 42 AS answer');
  const orphan = await postmasterPid();
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await query(url, 'SELECT answer FROM kept')).toHaveLength(1);

  const postgres = await start();
  expect(await postmasterPid()).not.toBe(orphan);
  // Asked to end, not killed: nothing to recover from.
  const log = await readFile(path.join(stateDir, 'postgres.log'), 'utf8');
  expect(log).toContain('received fast shutdown request');
  expect(log).not.toMatch(/was interrupted|not properly shut down/);
  expect(await query(postgres.url('postgres'), 'SELECT answer FROM kept')).toHaveLength(1);
});

test('refuses to take PostgreSQL from a living process', async () => {
  const child = startElsewhere();
  await started(child);
  const url = urlFromFiles(await readFile(path.join(stateDir, 'password'), 'utf8'));
  await expect(start()).rejects.toThrow(/in use by another process/);
  expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  child.kill('SIGTERM');
  await once(child, 'exit');
});

test('reports a killed postmaster, and starts again at once', async () => {
  const first = await start();
  await query(first.url('postgres'), 'CREATE TABLE kept AS SELECT 42 AS answer');
  const reported = new Promise((resolve) => first.onExit(resolve));
  process.kill(await postmasterPid(), 'SIGKILL');
  expect(await reported).toBeNull();
  // Whoever asks late is told as well.
  expect(await new Promise((resolve) => first.onExit(resolve))).toBeNull();
  await first.stop();

  const second = await start();
  expect(await query(second.url('postgres'), 'SELECT answer FROM kept')).toHaveLength(1);
});

test('waits for what a killed postmaster left behind', async () => {
  const first = await start();
  const client = new pg.Client({ connectionString: first.url('postgres') });
  client.on('error', () => undefined);
  await client.connect();
  const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
  // A stopped backend does not notice that its postmaster is gone, and keeps the shared memory.
  const backend = Number(rows[0].pid);
  process.kill(backend, 'SIGSTOP');
  const gone = new Promise((resolve) => first.onExit(resolve));
  process.kill(await postmasterPid(), 'SIGKILL');
  await gone;

  const starting = start();
  await eventually(async () => {
    const log = await readFile(path.join(stateDir, 'postgres.log'), 'utf8');
    expect(log).toContain('pre-existing shared memory block');
  }).finally(() => process.kill(backend, 'SIGCONT'));
  const second = await starting;
  expect(await query(second.url('postgres'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await client.end();
});

/** Starts PostgreSQL and kills it as soon as it begins with its data; whether that was in time. */
async function killInInitdb(): Promise<boolean> {
  await mkdir(stateDir);
  const initializing = new Promise<void>((resolve) => {
    const watcher = watch(stateDir, (_event, name) => {
      if (!name?.startsWith('unfinished-data')) return;
      watcher.close();
      resolve();
    });
  });
  const child = startElsewhere();
  await initializing;
  // The whole group: initdb as well.
  process.kill(-(child.pid ?? 0), 'SIGKILL');
  await once(child, 'exit');
  return (await readdir(stateDir)).some((name) => name.startsWith('unfinished-data'));
}

test('begins again after kill -9 in the middle of initdb', async () => {
  // A busy machine may hear of the beginning when all is done: then it is tried once more.
  for (let tries = 1; !(await killInInitdb()); tries += 1) {
    expect(tries).toBeLessThan(10);
    await stopAbandonedPostgres(stateDir);
    await removePostgresFiles(stateDir);
  }
  await expect(access(path.join(stateDir, 'data'))).rejects.toThrow();

  const postgres = await start();
  expect(await query(postgres.url('postgres'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  expect((await readdir(stateDir)).filter((name) => name.startsWith('unfinished'))).toEqual([]);
});

test('says so when the port is taken, also by another PostgreSQL', async () => {
  const other = createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
  await once(other, 'listening');
  await expect(start()).rejects.toThrow(
    new RegExp(`127.0.0.1:${port}.*Address already in use`, 's'),
  );
  other.close();
  await once(other, 'close');

  const first = await start();
  const elsewhere = path.join(directory, 'elsewhere');
  await expect(startPostgres({ stateDir: elsewhere, port })).rejects.toThrow(
    /Address already in use|another PostgreSQL answers there/,
  );
  expect(await query(first.url('postgres'), 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
});

test('names the remedy when the password is lost', async () => {
  await (await start()).stop();
  await rm(path.join(stateDir, 'password'));
  await expect(start()).rejects.toThrow(/password is gone; remove/);
});

// Only root can become someone else; other users run everything above as themselves.
describe(isRoot ? 'started by root' : 'started by root (not tried: this is another user)', () => {
  if (!isRoot) {
    test('needs root', () => undefined);
    return;
  }

  test('runs as nobody, in the state directory where nobody can enter it', async () => {
    await start();
    expect((await stat(path.join(stateDir, 'data'))).uid).toBe(65534);
    expect((await stat(path.join(stateDir, 'postgres.log'))).uid).toBe(0);
    expect(await readdir(stateDir)).not.toContain('home');
  });

  test('goes to a random place elsewhere where nobody cannot enter, and remembers it', async () => {
    await chmod(directory, 0o700);
    const first = await start();
    await query(first.url('postgres'), 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();
    const home = await readFile(path.join(stateDir, 'home'), 'utf8');
    expect(path.relative(directory, home)).toMatch(/^\.\./);
    expect((await stat(home)).mode & 0o777).toBe(0o711);

    const second = await start();
    expect(await query(second.url('postgres'), 'SELECT answer FROM kept')).toHaveLength(1);
    await second.stop();

    // A fresh clone at the same path begins with an empty database.
    await rm(stateDir, { recursive: true });
    const third = await start();
    await expect(query(third.url('postgres'), 'SELECT * FROM kept')).rejects.toThrow(/kept/);
    await third.stop();
    await rm(home, { recursive: true });

    const newHome = await readFile(path.join(stateDir, 'home'), 'utf8');
    await removePostgresFiles(stateDir);
    await expect(access(newHome)).rejects.toThrow();
  });

  test('an ordinary user runs it as himself, and root does not take it over', async () => {
    // initdb wants a user who has a name; this one exists on every Linux (daemon).
    const identity = { uid: 1, gid: 1 };
    await chown(directory, identity.uid, identity.gid);
    const child = startElsewhere(identity);
    await started(child);
    expect((await stat(path.join(stateDir, 'data'))).uid).toBe(identity.uid);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    await expect(start()).rejects.toThrow(/belongs to another user/);
  });
});
