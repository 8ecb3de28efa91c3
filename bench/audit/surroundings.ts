import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import { nextMessage } from '../kit/next-message.ts';
import { type AuditAnswer, BUCKET, PREFIX, REGION, type StoreCommand } from './messages.ts';

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
  /** From now on every answer takes so much longer. */
  delay(delayMs: number): Promise<void>;
  /** @param execArgv options of Node.js for its process */
  start(way: 'audit' | 'plain', execArgv?: string[]): Promise<Contestant>;
  /** Ends the contestants, too. */
  close(): Promise<void>;
}

const credentials = { accessKeyId: 'AKIDBENCH', secretAccessKey: randomBytes(16).toString('hex') };
const env = {
  ...process.env,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
};

async function startProcess(
  file: string,
  args: string[],
  execArgv: string[] = [],
): Promise<[ChildProcess, unknown]> {
  const child = fork(path.join(import.meta.dirname, file), args, { env, execArgv });
  return [child, await nextMessage(child)];
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  if (child.connected) child.send('stop');
  await ended;
}

export async function startSurroundings(): Promise<Surroundings> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'bench-audit-'));
  const [storeProcess, message] = await startProcess('store-process.ts', [directory]);
  const endpoint = String(message);
  const contestants = new Set<Contestant>();
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
    async delay(delayMs) {
      storeProcess.send({ delayMs } satisfies StoreCommand);
      await nextMessage(storeProcess);
    },
    async start(way, execArgv) {
      const [child] = await startProcess('contestant-process.ts', [way, endpoint], execArgv);
      const contestant: Contestant = {
        async run(objects) {
          child.send({ objects });
          return (await nextMessage(child)) as AuditAnswer;
        },
        async stop() {
          contestants.delete(contestant);
          await stopProcess(child);
        },
      };
      contestants.add(contestant);
      return contestant;
    },
    async close() {
      client.destroy();
      for (const contestant of contestants) await contestant.stop();
      await stopProcess(storeProcess);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
