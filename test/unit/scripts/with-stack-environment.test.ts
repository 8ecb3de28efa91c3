import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { applyStackEnvironment } from '../../../scripts/with-stack-environment.ts';
import { type StackFile, stackFilePath } from '../../../src/local/stack-file.ts';
import { loadQueueToolConfig, loadReapConfig } from '../../../src/shared/config.ts';

const STACK: StackFile = {
  api: 'http://localhost:4000',
  graphql: 'http://localhost:4000/graphql',
  edge: 'http://localhost:4001',
  s3: 'http://127.0.0.1:4002',
  sqs: 'http://127.0.0.1:4003',
  database: 'postgresql://postgres:secret@127.0.0.1:4004/media',
  apiMetrics: 'http://127.0.0.1:4005/metrics',
  workerHealth: 'http://127.0.0.1:4006',
  cloudfront: 'http://127.0.0.1:4007',
  distributionId: 'E1',
  region: 'us-east-1',
  bucket: 'media',
  queueUrl: 'http://127.0.0.1:4003/0/media',
  deadLetterQueueUrl: 'http://127.0.0.1:4003/0/media-dlq',
  credentials: { accessKeyId: 'local-id', secretAccessKey: 'local-secret' },
  adminToken: 'local-admin-token',
  keyPairId: 'K1',
  publicKey: '',
  pid: 1,
};

describe('the environment of the running stack', () => {
  const original = process.env;
  let stateDir: string;

  beforeAll(async () => {
    stateDir = await mkdtemp(path.join(os.tmpdir(), 'stack-environment-'));
    await writeFile(stackFilePath(stateDir), JSON.stringify(STACK));
  });
  afterEach(() => {
    process.env = original;
  });
  afterAll(() => rm(stateDir, { recursive: true }));

  test('is all that the commands need, and none of the credentials of the shell', async () => {
    process.env = {
      LANG: 'C',
      AWS_REGION: 'eu-west-1',
      AWS_PROFILE: 'work',
      AWS_SESSION_TOKEN: 'x',
    };
    await applyStackEnvironment(['DATABASE_URL'], stateDir);
    expect(process.env).toMatchObject({ LANG: 'C', AWS_ACCESS_KEY_ID: 'local-id' });
    expect(process.env).not.toHaveProperty('AWS_PROFILE');
    expect(process.env).not.toHaveProperty('AWS_SESSION_TOKEN');
    expect(loadQueueToolConfig(process.env)).toMatchObject({
      AWS_REGION: 'us-east-1',
      SQS_MEDIA_QUEUE_URL: STACK.queueUrl,
      SQS_MEDIA_DLQ_URL: STACK.deadLetterQueueUrl,
    });
    expect(loadReapConfig(process.env)).toMatchObject({ DATABASE_URL: STACK.database });
  });

  test('gives way to an environment that says where to work', async () => {
    const given = { SQS_MEDIA_DLQ_URL: 'https://x/q' };
    process.env = { ...given };
    await applyStackEnvironment(['SQS_MEDIA_QUEUE_URL', 'SQS_MEDIA_DLQ_URL'], stateDir);
    expect(process.env).toEqual(given);
  });

  test('changes nothing where no stack runs', async () => {
    process.env = { LANG: 'C' };
    await applyStackEnvironment(['DATABASE_URL'], path.join(stateDir, 'none'));
    expect(process.env).toEqual({ LANG: 'C' });
  });
});
