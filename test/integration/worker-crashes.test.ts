import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { ImageId } from '../../src/domain/image-id.ts';
import { imageThumbnailKey, ingestKey } from '../../src/domain/object-keys.ts';
import { crashAt, type Moment, type Step } from '../support/crash-points.ts';
import { eventually } from '../support/eventually.ts';
import { eventBody } from '../support/s3-events.ts';
import { type Surroundings, startSurroundings } from '../support/surroundings.ts';
import { drawTinyImages } from '../support/tiny-images.ts';
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.ts';

/**
 * The real worker, killed before and after everything it does to the world outside. The message
 * comes back, another worker takes it, and the end must be that of an undisturbed run.
 */

/** How soon the message of a killed worker comes back. */
const VISIBILITY_SECS = '2';

let good: Buffer;
let other: Buffer;
let surroundings: Surroundings;
let started: WorkerProcess[];

beforeAll(async () => {
  good = (await drawTinyImages(10))['image/png'];
  other = (await drawTinyImages(200))['image/png'];
});
beforeEach(async () => {
  surroundings = await startSurroundings();
  started = [];
});
afterEach(async () => {
  for (const worker of started) worker.kill('SIGKILL');
  await Promise.all(started.map(({ ended }) => ended));
  await surroundings.close();
});

function startWorker(): WorkerProcess {
  const worker = startWorkerProcess({
    ...surroundings.environment,
    SQS_VISIBILITY_TIMEOUT_SECS: VISIBILITY_SECS,
  });
  started.push(worker);
  return worker;
}

const upload = (id: ImageId, bytes: Buffer) =>
  surroundings.bucket.put(ingestKey(id), bytes, 'image/png');

async function uploadAndSettle(id: ImageId, bytes: Buffer) {
  const version = await upload(id, bytes);
  await surroundings.settled();
  return version;
}

interface Scenario {
  /** Leads up to the moment from which the crash lies in wait. */
  prepare?: (id: ImageId) => Promise<unknown>;
  /** Sets off the work that is interrupted. */
  act: (id: ImageId) => Promise<unknown>;
  /** What the work consists of. */
  steps: Step[];
  /** How the record ends, and with which picture. */
  ends: { status: 'ready'; picture: () => Buffer } | { status: 'failed'; failureReason: string };
}

const SCENARIOS: Record<string, Scenario> = {
  'a good image': {
    act: (id) => upload(id, good),
    steps: ['read', 'thumbnail write', 'status update', 'acknowledge'],
    ends: { status: 'ready', picture: () => good },
  },
  'a failing image': {
    act: (id) => upload(id, good.subarray(0, -20)),
    steps: ['read', 'status update', 'delete', 'acknowledge'],
    ends: { status: 'failed', failureReason: 'UNDECODABLE' },
  },
  'a duplicate': {
    prepare: (id) => uploadAndSettle(id, good),
    act: async (id) => {
      const { versionId, etag } = await surroundings.record(id);
      const event = { key: ingestKey(id), versionId, ...(etag && { etag }) };
      await surroundings.queue.send(eventBody(event));
    },
    steps: ['acknowledge'],
    ends: { status: 'ready', picture: () => good },
  },
  'an overwrite after ready': {
    prepare: (id) => uploadAndSettle(id, good),
    act: (id) => upload(id, other),
    steps: ['delete', 'acknowledge'],
    ends: { status: 'ready', picture: () => good },
  },
  'an overwrite after failed': {
    prepare: (id) => uploadAndSettle(id, Buffer.from('no picture at all')),
    act: (id) => upload(id, good),
    steps: ['delete', 'acknowledge'],
    ends: { status: 'failed', failureReason: 'CONTENT_TYPE_MISMATCH' },
  },
};

/** Everything that an undisturbed run leaves behind, and nothing else. */
async function expectEnd(id: ImageId, ends: Scenario['ends']): Promise<void> {
  await surroundings.settled();
  const record = await surroundings.record(id);
  const { bucket, queue } = surroundings;
  const left = await bucket.versions();
  if (ends.status === 'failed') {
    expect(record).toMatchObject({ ...ends, versionId: null, thumbhash: null });
    expect(left).toEqual([]);
  } else {
    expect(record).toMatchObject({ status: 'ready', failureReason: null, width: 8, height: 6 });
    expect(left).toEqual([
      { key: ingestKey(id), versionId: record.versionId },
      { key: imageThumbnailKey(id), versionId: record.thumbnailVersionId },
    ]);
    expect(await bucket.read(ingestKey(id), record.versionId)).toEqual(ends.picture());
  }
  expect(await queue.takeDeadLetters()).toEqual([]);
}

describe.each(Object.entries(SCENARIOS))('%s', (_name, { prepare, act, steps, ends }) => {
  const crashes = steps.flatMap((step): [Moment, Step][] => [
    ['before', step],
    ['after', step],
  ]);

  test('undisturbed', async () => {
    const id = await surroundings.addRecord();
    startWorker();
    await prepare?.(id);
    await act(id);
    await expectEnd(id, ends);
  });

  test.each(crashes)('killed %s: %s', async (moment, step) => {
    const id = await surroundings.addRecord();
    const victim = startWorker();
    await prepare?.(id);
    crashAt(step, moment, surroundings, victim);
    await act(id);
    expect(await victim.ended).toBe('SIGKILL');

    const heir = startWorker();
    await expectEnd(id, ends);
    // An acknowledgement that came through leaves nothing to do.
    if (step === 'acknowledge' && moment === 'after') return;
    await eventually(() => {
      expect(heir.lines).toContainEqual(expect.objectContaining({ receiveCount: 2 }));
    });
  });
});
