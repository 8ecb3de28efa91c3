import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pLimit from 'p-limit';
import { type ImageId, isImageId } from '../../src/domain/image-id.ts';
import { imageThumbnailKey, ingestKey } from '../../src/domain/object-keys.ts';
import type { StackFile } from '../../src/local/stack-file.ts';
import { createDatabase } from '../../src/shared/database.ts';
import { type ImageRecord, makeImageRecords } from '../../src/shared/image-records.ts';
import { killAtRandom, seededRandom } from '../support/chaos.ts';
import { type PlannedUpload, planUploads } from '../support/chaos-uploads.ts';
import { eventually } from '../support/eventually.ts';
import { captureLog } from '../support/log.ts';
import { connectBucket, type MediaBucket } from '../support/media-bucket.ts';
import { connectMediaClient, getBytes, putBytes } from '../support/media-client.ts';
import { connectQueue, type MediaQueue } from '../support/media-queue.ts';
import { findPorts } from '../support/ports.ts';
import { eventBody } from '../support/s3-events.ts';
import { makeStackState, type StackRun, type StackState } from '../support/stack.ts';
import { drawTinyImages } from '../support/tiny-images.ts';

const UPLOADS = 120;
const AT_ONCE = 8;
const LONGEST_PAUSE_MS = 600;
const KILLS = 6;
const MAX_SIZE = 5_000;
/** A message that failed twice comes back after 35 s, and there may be a kill then; six times that. */
const SETTLED_WITHIN_SECS = 240;

const seed = Number(process.env.CHAOS_SEED ?? randomInt(2 ** 31));
const random = seededRandom(seed);

let state: StackState;
let run: StackRun;
let stack: StackFile;
let queue: MediaQueue;
let bucket: MediaBucket;

beforeAll(async () => {
  state = await makeStackState();
  run = state.run(await findPorts(), {
    SQS_VISIBILITY_TIMEOUT_SECS: '5',
    S3_MAX_INGEST_SIZE_BYTES: String(MAX_SIZE),
  });
  stack = await run.ready();
  queue = connectQueue({ ...stack, url: stack.sqs }, stack.credentials);
  bucket = connectBucket({ ...stack, url: stack.s3 });
});
afterAll(async () => {
  queue?.close();
  bucket?.close();
  await state.remove();
});

interface Uploaded extends PlannedUpload {
  id: ImageId;
}

/** As a client does it, who tries again when the service has a fault. */
async function upload(plan: PlannedUpload): Promise<Uploaded> {
  // Spread over the time in which the kills happen.
  await delay(random() * LONGEST_PAUSE_MS);
  const client = connectMediaClient(stack.graphql);
  const ingest = await eventually(() => client.createIngestUrl(plan.contentType, 'chaos'), 60);
  if (!isImageId(ingest.id)) throw new Error(`${ingest.id} is no id of an image`);
  for (const { bytes } of plan.files) {
    const versionId = await putBytes(ingest, bytes);
    if (random() < 0.3) await queue.send(eventBody({ key: ingestKey(ingest.id), versionId }));
  }
  return { ...plan, id: ingest.id };
}

async function sendGarbage(): Promise<string[]> {
  const bodies = ['', 'x', '{}', '{"Records":[{}]}'].map((text) => `${text} ${random()}`);
  await Promise.all(bodies.map((body) => queue.send(body)));
  return bodies;
}

/** Every record that there is, also those whose answer a client never got. */
async function readRecords(): Promise<Map<string, ImageRecord>> {
  const { logger } = captureLog();
  const database = createDatabase({ databaseUrl: stack.database, poolSize: 1, logger });
  try {
    const rows = await database.imageRecord.findMany({ select: { id: true } });
    const found = await makeImageRecords(database).findMany(rows.map(({ id }) => id as ImageId));
    return new Map(found.flatMap((record) => (record ? [[record.id, record]] : [])));
  } finally {
    await database.$disconnect();
  }
}

test(
  'uploads in parallel, some twice, with events replayed, garbage, and kills at random',
  async () => {
    process.stderr.write(`chaos: CHAOS_SEED=${seed}\n`);
    const images = await drawTinyImages();
    const plans = planUploads(UPLOADS, images, MAX_SIZE, random);
    const killing = killAtRandom(run, ['worker', 'postgres'], {
      random,
      times: KILLS,
      pauseMs: { from: 200, to: 1_500 },
    });
    const limit = pLimit(AT_ONCE);
    const uploading = Promise.all(plans.map((plan) => limit(() => upload(plan))));
    const garbage = await sendGarbage();
    const [uploads] = await Promise.all([uploading, killing]);
    garbage.push(...(await sendGarbage()));

    const records = await eventually(async () => {
      expect(await queue.depth()).toEqual({ waiting: 0, inFlight: 0 });
      const found = await readRecords();
      const pending = uploads.filter(({ id }) => found.get(id)?.status === 'pending');
      expect(pending.map(({ id }) => id)).toEqual([]);
      return found;
    }, SETTLED_WITHIN_SECS);

    const letters = (await queue.takeDeadLetters()).map(({ Body }) => Body);
    // A kill between the dead letter and its acknowledgement makes a second copy.
    expect([...new Set(letters)].sort()).toEqual(garbage.sort());

    for (const { id, files } of uploads) {
      const record = records.get(id);
      // Which of two files is checked first is open; the one that is decides.
      const reasons = files.map(({ failureReason }) => failureReason);
      expect(reasons).toContain(record?.failureReason);
      expect(record?.status).toBe(record?.failureReason === null ? 'ready' : 'failed');
    }

    const pinned = [...records.values()]
      .filter(({ status }) => status === 'ready')
      .flatMap(({ id, objectKey, versionId, thumbnailVersionId }) => [
        { key: objectKey, versionId },
        { key: imageThumbnailKey(id), versionId: thumbnailVersionId },
      ]);
    const inOrder = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : 1);
    expect((await bucket.versions()).sort(inOrder)).toEqual(pinned.sort(inOrder));

    await Promise.all(
      uploads
        .filter(({ id }) => records.get(id)?.status === 'ready')
        .map((upload) => limit(() => expectServed(upload))),
    );
  },
  (180 + SETTLED_WITHIN_SECS) * 1000,
);

async function expectServed({ id, files }: Uploaded): Promise<void> {
  const { access } = await connectMediaClient(stack.graphql).image(id);
  const { status, bytes } = await getBytes(access?.downloadUrl ?? '');
  expect(status).toBe(200);
  const good = files.filter(({ failureReason }) => failureReason === null);
  expect(good.some((file) => file.bytes.equals(bytes))).toBe(true);
}
