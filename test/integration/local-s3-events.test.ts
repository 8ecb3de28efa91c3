import { CopyObjectCommand, DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { z } from 'zod';
import { testEventBody } from '../../src/local/s3/server.ts';
import {
  BUCKET,
  formData,
  postFields,
  REGION,
  startTestS3,
  type TestS3,
  VERSIONED,
} from '../support/local-s3.ts';

const Message = z.strictObject({
  Records: z.tuple([
    z.strictObject({
      eventVersion: z.literal('2.1'),
      eventSource: z.literal('aws:s3'),
      awsRegion: z.literal(REGION),
      eventTime: z.iso.datetime({ precision: 3 }),
      eventName: z.string(),
      userIdentity: z.strictObject({ principalId: z.string() }),
      requestParameters: z.strictObject({ sourceIPAddress: z.literal('127.0.0.1') }),
      responseElements: z.strictObject({
        'x-amz-request-id': z.string(),
        'x-amz-id-2': z.string(),
      }),
      s3: z.strictObject({
        s3SchemaVersion: z.literal('1.0'),
        configurationId: z.string(),
        bucket: z.strictObject({
          name: z.string(),
          ownerIdentity: z.strictObject({ principalId: z.string() }),
          arn: z.string(),
        }),
        object: z.strictObject({
          key: z.string(),
          size: z.number(),
          eTag: z.string(),
          versionId: z.string().optional(),
          sequencer: z.string().regex(/^[0-9A-F]{18,}$/),
        }),
      }),
    }),
  ]),
});

let received: string[];
let isQueueUp: boolean;
let attempts: number;
let s3: TestS3;

const send = async (body: string): Promise<void> => {
  attempts += 1;
  if (!isQueueUp) throw new Error('the queue is down');
  received.push(body);
};
const notifications = [
  { bucket: BUCKET, prefix: 'ingest/', send },
  { bucket: VERSIONED, prefix: '', send },
];

beforeEach(async () => {
  received = [];
  isQueueUp = true;
  attempts = 0;
  s3 = await startTestS3({ notifications });
});
afterEach(() => s3.stop());

const put = (Key: string, Bucket = BUCKET) =>
  s3.client().send(new PutObjectCommand({ Bucket, Key, Body: 'x' }));
async function records() {
  await s3.s3().flushEvents();
  return received.map((body) => Message.parse(JSON.parse(body)).Records[0]);
}

test('one message for each object, in the shape of S3', async () => {
  const { ETag } = await put('ingest/a b+ü/(1).png');
  const [record] = await records();
  expect(record).toMatchObject({
    eventName: 'ObjectCreated:Put',
    s3: {
      bucket: { name: BUCKET, arn: `arn:aws:s3:::${BUCKET}` },
      object: { key: 'ingest/a+b%2B%C3%BC/%281%29.png', size: 1 },
    },
  });
  expect(record?.s3.object).not.toHaveProperty('versionId');
  expect(`"${record?.s3.object.eTag}"`).toBe(ETag);
});

test('put, post and copy; other prefixes and deletions are silent', async () => {
  await put('elsewhere/a');
  await put('ingest/a');
  const form = formData(postFields({ key: 'ingest/b' }), new Blob(['abc']));
  await fetch(`${s3.s3().url}/${BUCKET}`, { method: 'POST', body: form });
  const CopySource = `${BUCKET}/elsewhere/a`;
  const copy = new CopyObjectCommand({ Bucket: BUCKET, Key: 'ingest/c', CopySource });
  await s3.client().send(copy);
  await s3.client().send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'ingest/c' }));
  const told = (await records()).map((r) => [r.eventName, r.s3.object.key, r.s3.object.size]);
  expect(told.sort()).toEqual([
    ['ObjectCreated:Copy', 'ingest/c', 1],
    ['ObjectCreated:Post', 'ingest/b', 3],
    ['ObjectCreated:Put', 'ingest/a', 1],
  ]);
});

test('versions are named, and the sequencer grows, over a restart too', async () => {
  const versions: (string | undefined)[] = [];
  for (let i = 0; i < 4; i += 1) {
    if (i === 2) await s3.restart();
    versions.push((await put('k', VERSIONED)).VersionId);
    await s3.s3().flushEvents();
  }
  const objects = (await records()).map((record) => record.s3.object);
  expect(objects.map((object) => object.versionId)).toEqual(versions);
  const sequencers = objects.map((object) => object.sequencer);
  expect([...sequencers].sort()).toEqual(sequencers);
  expect(new Set(sequencers).size).toBe(4);
});

test('a PUT does not wait for the queue; the event waits for it', async () => {
  isQueueUp = false;
  await put('ingest/a');
  await put('ingest/b');
  expect(received).toEqual([]);
  isQueueUp = true;
  const keys = (await records()).map((record) => record.s3.object.key);
  expect(keys.sort()).toEqual(['ingest/a', 'ingest/b']);
  expect(attempts).toBeGreaterThan(2);
  expect(s3.problems.map(String)).toContain('Error: the queue is down');
});

test('undelivered events outlive the process, delivered ones are not sent again', async () => {
  await put('ingest/delivered');
  await s3.s3().flushEvents();
  isQueueUp = false;
  await put('ingest/late');
  await s3.restart();
  await s3.restart();
  isQueueUp = true;
  const keys = (await records()).map((record) => record.s3.object.key);
  expect(keys).toEqual(['ingest/delivered', 'ingest/late']);
  await s3.restart();
  expect(await records()).toHaveLength(2);
});

test('a queue that never answers holds up neither PUT nor close', async () => {
  const stuck = await startTestS3({
    notifications: [{ bucket: BUCKET, prefix: '', send: () => new Promise(() => undefined) }],
  });
  const Key = 'k';
  await stuck.client().send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'x' }));
  await stuck.stop();
});

test('two notifications of one bucket and prefix are a mistake', async () => {
  await expect(
    startTestS3({ notifications: [...notifications, ...notifications] }),
  ).rejects.toThrow('same bucket and prefix');
});

test('the test event has no Records', () => {
  expect(JSON.parse(testEventBody(BUCKET, 0))).toEqual({
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: '1970-01-01T00:00:00.000Z',
    Bucket: BUCKET,
    RequestId: expect.stringMatching(/^[0-9A-F]{16}$/),
    HostId: expect.any(String),
  });
});
