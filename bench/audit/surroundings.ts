import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { type AuditAnswer, BUCKET, PREFIX, REGION } from './audit-messages.ts';

/** How many objects are stored as what they are not: one in so many. */
export const WRONG_ONE_IN = 10;
const OBJECT_BYTES = 4096;
const UPLOADS_AT_A_TIME = 16;

export interface Contestant {
  /** Rejects when the process ends over it. */
  run(objects: number): Promise<AuditAnswer>;
  stop(): Promise<void>;
}

export interface Surroundings {
  /** Stores so many JPEGs, all but the wrong ones as what they are. */
  fill(objects: number): Promise<void>;
  /** Makes wrong again what was put right. */
  spoil(objects: number): Promise<void>;
  start(way: 'audit' | 'plain'): Promise<Contestant>;
  close(): Promise<void>;
}

const credentials = { accessKeyId: 'AKIDBENCH', secretAccessKey: randomBytes(16).toString('hex') };
const env = {
  ...process.env,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
};

async function startProcess(file: string, ...args: string[]): Promise<[ChildProcess, unknown]> {
  const child = fork(path.join(import.meta.dirname, file), args, { env });
  const [message] = await once(child, 'message');
  return [child, message];
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (!child.connected) return;
  const ended = once(child, 'exit');
  child.send('stop');
  await ended;
}

export async function startSurroundings(): Promise<Surroundings> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'bench-audit-'));
  const [storeProcess, message] = await startProcess('audit-store-process.ts', directory);
  const endpoint = String(message);
  const client = new S3Client({ endpoint, region: REGION, forcePathStyle: true, credentials });
  const body = Buffer.concat([
    Buffer.from([0xff, 0xd8, 0xff, 0xe0]),
    randomBytes(OBJECT_BYTES - 4),
  ]);
  const limit = pLimit(UPLOADS_AT_A_TIME);

  const isWrong = (index: number) => index % WRONG_ONE_IN === 0;
  const put = (index: number) =>
    client.send(
      new PutObjectCommand({
        Bucket: BUCKET,
        Key: `${PREFIX}${String(index).padStart(9, '0')}.jpg`,
        Body: body,
        ContentType: isWrong(index) ? 'image/png' : 'image/jpeg',
      }),
    );
  const indexes = (objects: number) => Array.from({ length: objects }, (_, index) => index);

  return {
    async fill(objects) {
      await limit.map(indexes(objects), put);
    },
    async spoil(objects) {
      await limit.map(indexes(objects).filter(isWrong), put);
    },
    async start(way) {
      const [child] = await startProcess('audit-process.ts', way, endpoint);
      return {
        async run(objects) {
          const answer = once(child, 'message');
          const ended = once(child, 'exit').then(([code]) => {
            throw new Error(`the process ended with ${code}`);
          });
          ended.catch(() => {});
          child.send({ objects });
          const [result] = await Promise.race([answer, ended]);
          return result as AuditAnswer;
        },
        stop: () => stopProcess(child),
      };
    },
    async close() {
      client.destroy();
      await stopProcess(storeProcess);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
