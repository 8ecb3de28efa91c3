import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { readStackFile, type StackFile } from '../../src/local/stack-file.ts';
import { eventually } from '../support/eventually.ts';
import { connectMediaClient, getBytes, putBytes } from '../support/media-client.ts';
import { findPorts } from '../support/ports.ts';
import { isRunning } from '../support/processes.ts';
import { makeStackState, type Part, type StackRun, type StackState } from '../support/stack.ts';
import { drawTinyImages } from '../support/tiny-images.ts';

/** The tests follow one stack through its life, in order. */
let port: number;
let state: StackState;
let run: StackRun;
let stack: StackFile;
let png: Buffer<ArrayBuffer>;
/** Ingested so far; every start has to find them again. */
const ids: string[] = [];

beforeAll(async () => {
  port = await findPorts();
  state = await makeStackState();
  png = Buffer.from((await drawTinyImages())['image/png']);
});
afterAll(() => state.remove());

async function start(): Promise<void> {
  run = state.run(port);
  stack = await run.ready();
}

/** All the way in; resolves with its id. Waits for parts of the stack that are away. */
async function ingest(): Promise<void> {
  const client = connectMediaClient(stack.graphql);
  const upload = await eventually(() => client.createIngestUrl('image/png', 'a.png'));
  await putBytes(upload, png);
  await eventually(async () => {
    expect(await client.image(upload.id)).toMatchObject({ status: 'READY' });
  });
  ids.push(upload.id);
}

async function downloadUrl(id: string): Promise<string> {
  const { access } = await connectMediaClient(stack.graphql).image(id);
  return access?.downloadUrl ?? '';
}

async function expectAllServed(): Promise<void> {
  expect(ids).not.toEqual([]);
  for (const id of ids) {
    const url = await downloadUrl(id);
    expect(url).toMatch(new RegExp(`^${stack.edge}/ingest/${id}\\?versionId=.+&Signature=`));
    expect(await getBytes(url)).toEqual({ status: 200, bytes: png });
  }
}

/** Rejects when nothing listens there. */
async function connectTo(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}

const portOf = (url: string) => Number(new URL(url).port);

describe('the first start', () => {
  beforeAll(start);

  test('writes stack.json, for its owner only', async () => {
    const file = path.join(state.directory, 'stack.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(stack).toEqual({
      api: `http://localhost:${port}`,
      graphql: `http://localhost:${port}/graphql`,
      edge: `http://localhost:${port + 1}`,
      s3: `http://127.0.0.1:${port + 2}`,
      sqs: `http://127.0.0.1:${port + 3}`,
      database: expect.stringMatching(`^postgresql://postgres:.+@127.0.0.1:${port + 4}/media$`),
      apiMetrics: expect.stringMatching(/^http:\/\/localhost:\d+\/metrics$/),
      workerHealth: expect.stringMatching(/^http:\/\/localhost:\d+\/health$/),
      cloudfront: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      distributionId: expect.stringMatching(/^E[A-Z0-9]+$/),
      region: 'us-east-1',
      bucket: 'media',
      queueUrl: expect.stringMatching(`^http://127.0.0.1:${port + 3}/`),
      deadLetterQueueUrl: expect.stringMatching(`^http://127.0.0.1:${port + 3}/.+dlq$`),
      credentials: { accessKeyId: expect.any(String), secretAccessKey: expect.any(String) },
      adminToken: expect.any(String),
      keyPairId: expect.any(String),
      publicKey: expect.stringMatching(/^-----BEGIN PUBLIC KEY-----/),
      pid: run.pid,
    });
  });

  test('prints no secret', () => {
    const password = decodeURIComponent(new URL(stack.database).password);
    expect(run.output()).not.toContain(password);
    expect(run.output()).not.toContain(stack.credentials.secretAccessKey);
    expect(run.output()).not.toContain('PRIVATE KEY');
  });

  test('the curl line of its banner works', async () => {
    const [line = ''] = /^ +curl .*$/m.exec(run.output()) ?? [];
    // A shell takes it apart, whether there is a curl here or not.
    const command = line.trim().replace(/^curl/, "printf '%s\\0'");
    const { stdout } = await promisify(execFile)('sh', ['-c', command]);
    const words = stdout.split('\0').slice(0, -1);
    const [method, url = '', header = '', body = ''] = words.filter((word) => !/^-/.test(word));
    expect(words).toEqual(['-s', '-X', method, url, '-H', header, '-d', body]);
    const [name = '', value = ''] = header.split(': ');
    const response = await fetch(url, { method: method ?? '', headers: { [name]: value }, body });
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({
      upload_url: expect.stringContaining(`${stack.s3}/media/ingest/`),
    });
  });

  test('the GraphQL operation of its banner works', async () => {
    const query = /^ +(mutation .*)$/m.exec(run.output())?.[1];
    const response = await fetch(stack.graphql, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    expect(await response.json()).toEqual({
      data: {
        createImageIngestUrl: {
          image: { id: expect.any(String), status: 'PENDING' },
          uploadUrl: expect.stringContaining(`${stack.s3}/media/ingest/`),
          uploadHeaders: [{ name: 'Content-Type', value: 'image/png' }],
          expiresAt: expect.any(String),
          userErrors: [],
        },
      },
    });
  });

  test('an image goes all the way; a URL that was tampered with does not', async () => {
    await ingest();
    await expectAllServed();
    const url = await downloadUrl(ids[0] ?? '');
    const expires = Number(/Expires=(\d+)/.exec(url)?.[1]);
    for (const tampered of [
      url.replace(`Expires=${expires}`, `Expires=${expires + 1}`),
      url.replace(/versionId=[^&]+/, 'versionId=null'),
      url.replace(/\?.*/, ''),
    ]) {
      expect(tampered).not.toBe(url);
      expect((await getBytes(tampered)).status).toBe(403);
    }
  });

  test('a second start says that it is running, and ends well', async () => {
    const second = state.run(port);
    expect(await second.ended).toBe(0);
    expect(second.output()).toContain(`running already (process ${run.pid})`);
    expect(second.output()).toContain(stack.graphql);
    await expectAllServed();
  });
});

describe.each<Part>(['worker', 'api', 'postgres'])('kill -9 of the %s', (part) => {
  test('it comes back by itself, and images go on', async () => {
    const pid = await run.partPid(part);
    process.kill(pid, 'SIGKILL');
    await eventually(async () => expect(await isRunning(pid)).toBe(false));
    await ingest();
    expect(await run.partPid(part)).not.toBe(pid);
    await expectAllServed();
    expect(run.output()).toMatch(/starting it again/);
  });
});

describe('Ctrl-C', () => {
  test('ends everything with status 0', async () => {
    const parts: Part[] = ['api', 'worker', 'postgres'];
    const pids = await Promise.all(parts.map((part) => run.partPid(part)));
    run.kill('SIGINT');
    expect(await run.ended).toBe(0);
    for (const pid of pids) expect(await isRunning(pid)).toBe(false);
    expect(run.output()).toMatch(/Stopped\.\n$/);
    expect(await readStackFile(state.directory)).toBeNull();
  });
});

describe('the next start', () => {
  test('moves a part whose port is taken, and serves the old images', async () => {
    const squatter = createServer().listen(port + 1, '127.0.0.1');
    await once(squatter, 'listening');
    try {
      await start();
    } finally {
      squatter.close();
    }
    expect(run.output()).toContain(`port ${port + 1} is taken: edge is at ${portOf(stack.edge)}`);
    expect(portOf(stack.api)).toBe(port);
    expect(portOf(stack.edge)).toBeGreaterThan(port + 1);
    await expectAllServed();
    await ingest();
  });
});

describe('kill -9 of the whole stack', () => {
  test('the start after it is on the same ports, with everything there', async () => {
    const before = stack;
    run.kill('SIGKILL');
    expect(await run.ended).toBe('SIGKILL');
    await start();
    expect(stack.api).toBe(before.api);
    expect([stack.edge, stack.s3, stack.sqs].map(portOf)).toEqual([port + 1, port + 2, port + 3]);
    expect(portOf(stack.database)).toBe(port + 4);
    expect(run.output()).not.toContain('is taken');
    await expectAllServed();
    await ingest();
    await expectAllServed();
  });
});

describe('a start that fails', () => {
  test('says why, and leaves no process behind', async () => {
    const client = new pg.Client({ connectionString: stack.database });
    await client.connect();
    await client.query(`UPDATE _prisma_migrations SET checksum = 'edited'`);
    await client.end();
    run.kill('SIGTERM');
    expect(await run.ended).toBe(0);

    const failing = state.run(port);
    expect(await failing.ended).toBe(1);
    expect(failing.output()).toMatch(/^Migration \w+ was edited after it was applied\./m);
    expect(failing.output()).not.toMatch(/\bat \w+.*:\d+/);
    await expect(connectTo(portOf(stack.database))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
