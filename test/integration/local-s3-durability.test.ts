import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type LocalS3, startLocalS3 } from '../../src/local/s3/server.ts';
import { openStore } from '../../src/local/s3/store.ts';
import { CREDENTIALS, REGION } from '../support/local-s3.ts';

const Bucket = 'kept';

let dataDir: string;
let received: string[];
let running: LocalS3[];
let clients: S3Client[];
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'local-s3-kept-'));
  received = [];
  running = [];
  clients = [];
});
afterEach(async () => {
  for (const client of clients) client.destroy();
  for (const s3 of running) await s3.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(): Promise<LocalS3> {
  const s3 = await startLocalS3({
    dataDir,
    port: 0,
    region: REGION,
    credentials: CREDENTIALS,
    corsOrigins: [],
    notifications: [
      {
        bucket: Bucket,
        prefix: '',
        send: async (body) => {
          received.push(body);
        },
      },
    ],
  });
  running.push(s3);
  await s3.createBucket(Bucket, { versioned: true });
  return s3;
}

function clientOf(endpoint: string): S3Client {
  const options = { endpoint, region: REGION, credentials: CREDENTIALS, forcePathStyle: true };
  const client = new S3Client({ ...options, maxAttempts: 1 });
  clients.push(client);
  return client;
}

/** The same server as a process of its own, whose queue is always down. */
async function startProcess(): Promise<{ child: ChildProcess; url: string }> {
  const server = join(import.meta.dirname, '../../src/local/s3/server.ts');
  const options = { dataDir, port: 0, region: REGION, credentials: CREDENTIALS, corsOrigins: [] };
  const program = `
    import { startLocalS3 } from ${JSON.stringify(server)};
    const send = () => Promise.reject(new Error('down'));
    const notifications = [{ bucket: '${Bucket}', prefix: '', send }];
    const s3 = await startLocalS3({ ...${JSON.stringify(options)}, notifications });
    await s3.createBucket('${Bucket}', { versioned: true });
    console.log(s3.url);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const [line]: unknown[] = await once(child.stdout, 'data');
  return { child, url: String(line).trim() };
}

test('kill -9 in the middle of writing: every object is whole or absent, and so is its event', async () => {
  const acknowledged = new Map<string, string>();
  for (let round = 0; round < 3; round += 1) {
    const { child, url } = await startProcess();
    const exited = once(child, 'exit');
    const client = clientOf(url);
    let count = 0;
    const writers = [0, 1, 2, 3].map(async (writer) => {
      for (let i = 0; ; i += 1) {
        const Key = `${round}/${writer}/${i % 20}`;
        const Body = `${Key} ${i} `.repeat(4000);
        await client.send(new PutObjectCommand({ Bucket, Key, Body }));
        acknowledged.set(Key, Body);
        count += 1;
        if (count === 60) child.kill('SIGKILL');
      }
    });
    await Promise.allSettled(writers);
    await exited;
  }

  const s3 = await start();
  const client = clientOf(s3.url);
  await s3.flushEvents();
  const events = received.join('\n');
  const listed = await client.send(new ListObjectsV2Command({ Bucket }));
  expect(listed.Contents?.length).toBeGreaterThanOrEqual(acknowledged.size);
  for (const { Key = '', Size, ETag = '' } of listed.Contents ?? []) {
    const got = await client.send(new GetObjectCommand({ Bucket, Key }));
    const text = (await got.Body?.transformToString()) ?? '';
    expect(text).toHaveLength(Size ?? -1);
    // Later than what was acknowledged it may be, but never a mixture.
    const unit = /^.*? .*? /.exec(text)?.[0] ?? '';
    expect(text).toBe(unit.repeat(4000));
    expect(events).toContain(ETag.replaceAll('"', ''));
  }
  for (const Key of acknowledged.keys()) {
    expect(listed.Contents?.some((object) => object.Key === Key)).toBe(true);
  }
});

test('what a killed process left behind is cleaned up', async () => {
  const first = await start();
  await clientOf(first.url).send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
  await first.close();
  await writeFile(join(dataDir, 'tmp', 'upload'), 'half');
  const orphan = join(dataDir, 'contents', 'ab');
  await mkdir(orphan, { recursive: true });
  await writeFile(join(orphan, 'ab00000000000000000000000000000f'), 'never acknowledged');
  // Longer than the line that will be written in its place.
  const torn = `{"type":"put","bucket":"kept","key":"${'k'.repeat(3000)}`;
  await appendFile(join(dataDir, 'journal.jsonl'), torn);

  const second = await start();
  const client = clientOf(second.url);
  expect(await readdir(join(dataDir, 'tmp'))).toEqual([]);
  expect(await readdir(orphan)).not.toContain('ab00000000000000000000000000000f');
  await client.send(new PutObjectCommand({ Bucket, Key: 'l', Body: 'y' }));
  await second.close();
  const third = await start();
  const listed = await clientOf(third.url).send(new ListObjectsV2Command({ Bucket }));
  expect(listed.Contents?.map(({ Key }) => Key)).toEqual(['k', 'l']);
});

test('a journal damaged in its middle is told, not guessed at', async () => {
  await (await start()).close();
  const path = join(dataDir, 'journal.jsonl');
  await writeFile(path, `${await readFile(path, 'utf8')}}{\n{"type":"delivered","event":"x"}\n`);
  await expect(start()).rejects.toThrow('cannot read its journal');
});

test('the journal does not grow with what is gone, and nothing is lost in its rewriting', async () => {
  const attributes = {
    contentType: 'text/plain',
    headers: {},
    metadata: {},
    storageClass: 'STANDARD',
    encryption: {},
    tags: [],
  };
  const store = await openStore(dataDir, Date.now);
  store.createBucket(Bucket, true);
  const bucket = store.bucket(Bucket);
  const put = async (key: string) => {
    const receiving = await store.files.receive();
    await receiving.write(Buffer.from(key));
    await receiving.close();
    return store.put({
      bucket,
      key,
      draft: { size: key.length, etag: 'e', attributes, checksum: null },
      contentPath: receiving.path,
      assertAllowed: () => undefined,
      eventsFor: () => [{ id: 'undelivered', target: 'elsewhere', body: '{}' }],
    });
  };
  const first = await put('kept');
  const second = await put('kept');
  for (let i = 0; i < 12_000; i += 1) {
    store.remove(bucket, 'gone', store.addDeleteMarker(bucket, 'gone'));
  }
  store.close();
  const lines = (await readFile(join(dataDir, 'journal.jsonl'), 'utf8')).split('\n').length;
  expect(lines).toBeLessThan(11_000);

  const again = await openStore(dataDir, Date.now);
  expect(again.bucket(Bucket).versions.get('kept')).toEqual([first, second]);
  expect(again.pendingEvents()).toEqual([{ id: 'undelivered', target: 'elsewhere', body: '{}' }]);
  again.close();
});

test('overwritten and deleted contents leave the disk', async () => {
  const s3 = await start();
  const client = clientOf(s3.url);
  await s3.createBucket('plain');
  const contents = async (): Promise<number> => {
    const entries = await readdir(join(dataDir, 'contents'), { recursive: true });
    return entries.filter((name) => /[0-9a-f]{32}$/.test(name)).length;
  };
  for (const Body of ['1', '2', '3']) {
    await client.send(new PutObjectCommand({ Bucket: 'plain', Key: 'k', Body }));
  }
  expect(await contents()).toBe(1);
  await client.send(new DeleteObjectCommand({ Bucket: 'plain', Key: 'k' }));
  expect(await contents()).toBe(0);
});
