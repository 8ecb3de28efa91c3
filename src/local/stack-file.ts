import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from './error-code.ts';

/** How scripts and tools find the running stack: `.local/stack.json`, readable by its owner only. */
export interface StackFile {
  /** Base URL of the REST interface and the gallery. */
  api: string;
  graphql: string;
  /** Of the API, in Prometheus' text format. */
  apiMetrics: string;
  /** Base URL of the worker's `/liveness` and `/readiness`; its `/metrics` is at the same port. */
  workerHealth: string;
  edge: string;
  /** Where the edge takes CloudFront's CreateInvalidation, for this distribution. */
  cloudfront: string;
  distributionId: string;
  s3: string;
  sqs: string;
  /** Connection URL of the service's database, password included. */
  database: string;
  region: string;
  bucket: string;
  queueUrl: string;
  deadLetterQueueUrl: string;
  /** What S3 and SQS take; made for this checkout. */
  credentials: { accessKeyId: string; secretAccessKey: string };
  /** What admin routes take as bearer token. */
  adminToken: string;
  keyPairId: string;
  /** PEM; the edge verifies signed URLs with it. */
  publicKey: string;
  /** The process that runs the stack. */
  pid: number;
}

export function stackFilePath(stateDir: string): string {
  return path.join(stateDir, 'stack.json');
}

export async function writeStackFile(stateDir: string, stack: StackFile): Promise<void> {
  const file = stackFilePath(stateDir);
  // Written beside and renamed, so that nobody ever reads half of it or an older, wider mode.
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(stack, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, file);
}

/** Null when no stack has been started here, or the last one was stopped. */
export async function readStackFile(stateDir: string): Promise<StackFile | null> {
  try {
    return JSON.parse(await readFile(stackFilePath(stateDir), 'utf8')) as StackFile;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}
