import { beforeEach, describe, expect, test } from '@jest/globals';
import type { ImageId } from '../../../src/domain/image-id.ts';
import { makeFinishDeletions } from '../../../src/features/deletion/finish-deletions.ts';
import { makeSweepDeletions } from '../../../src/features/deletion/sweep-deletions.ts';
import type { ImageDeletion } from '../../../src/shared/image-records/deletions.ts';
import { createTelemetry } from '../../../src/shared/telemetry/telemetry.ts';
import { type CapturedLog, captureLog } from '../../support/log.ts';

const REQUESTED_AT = new Date('2026-02-22T10:00:00Z');

function deletion(name: string, overrides: Partial<ImageDeletion> = {}): ImageDeletion {
  return {
    id: name as ImageId,
    objectKey: `ingest/${name}`,
    wasReady: true,
    versionId: `v-${name}`,
    thumbnailVersionId: `t-${name}`,
    requestedAt: REQUESTED_AT,
    finishedAt: null,
    ...overrides,
  };
}

/** What was done, in order. */
let steps: string[];
let rows: ImageDeletion[];
let log: CapturedLog;
/** Steps that fail. */
let failing: Set<string>;
let inWork: number;
let mostInWork: number;

beforeEach(() => {
  steps = [];
  rows = [];
  log = captureLog();
  failing = new Set();
  inWork = 0;
  mostInWork = 0;
});

async function step(name: string): Promise<void> {
  if (failing.has(name)) throw new Error(`${name} failed`);
  steps.push(name);
}

const isIn = (ids: readonly ImageId[], { id }: ImageDeletion) => ids.includes(id);

const deps = {
  deletions: {
    findUnfinished: async (ids: readonly ImageId[]) =>
      rows.filter((row) => isIn(ids, row) && row.finishedAt === null),
    async markFinished(ids: readonly ImageId[]) {
      await step(`finish ${ids}`);
      return rows.filter((row) => isIn(ids, row));
    },
    listUnfinished: async ({ after, limit }: { after: ImageId | null; limit: number }) =>
      rows.filter(({ id, finishedAt }) => id > (after ?? '') && !finishedAt).slice(0, limit),
    listFinished: async ({ after, limit }: { after: ImageId | null; limit: number }) =>
      rows.filter(({ id, finishedAt }) => id > (after ?? '') && finishedAt).slice(0, limit),
    forget: (ids: readonly ImageId[]) => step(`forget ${ids}`),
  },
  objects: {
    async deleteVersionsExcept(key: string, keep: string | null) {
      inWork += 1;
      mostInWork = Math.max(mostInWork, inWork);
      await new Promise((resolve) => setImmediate(resolve));
      inWork -= 1;
      await step(`delete ${key}${keep === null ? '' : ` but ${keep}`}`);
    },
  },
  cdn: {
    forget: (targets: readonly { key: string; versionId: string | null }[]) =>
      step(`cdn ${targets.map(({ key, versionId }) => `${key}@${versionId}`)}`),
  },
  telemetry: createTelemetry(),
};

const finish = (signal = new AbortController().signal) =>
  makeFinishDeletions({ ...deps, logger: log.logger })(
    rows.map(({ id }) => id),
    signal,
  );

describe('finishing deletions', () => {
  test('the store first, then the CDN in one call, then the record of it', async () => {
    rows = [deletion('A'), deletion('B')];
    expect(await finish()).toEqual({ finished: 2 });
    expect(steps.slice(0, 4).toSorted()).toEqual([
      'delete ingest/A',
      'delete ingest/B',
      'delete thumbnails/A.jpg',
      'delete thumbnails/B.jpg',
    ]);
    expect(steps.slice(4)).toEqual([
      'cdn ingest/A@v-A,thumbnails/A.jpg@t-A,ingest/B@v-B,thumbnails/B.jpg@t-B',
      'finish A,B',
    ]);
    expect(log.lines).toMatchObject([
      { msg: 'image.deletion_finished', imageId: 'A', ageMs: expect.any(Number) },
      { msg: 'image.deletion_finished', imageId: 'B' },
    ]);
  });

  test('an image that was never ready is nothing to the CDN', async () => {
    rows = [deletion('A', { wasReady: false, versionId: null })];
    await finish();
    expect(steps).toEqual(['delete ingest/A', 'delete thumbnails/A.jpg', 'cdn ', 'finish A']);
  });

  test('nothing to do is nothing done', async () => {
    rows = [deletion('A', { finishedAt: new Date() })];
    expect(await finish()).toEqual({ finished: 0 });
    expect(steps).toEqual(['cdn ']);
  });

  test.each(['delete ingest/B', 'delete thumbnails/B.jpg'])(
    'when "%s" fails the others are finished, and it is tried again',
    async (fault) => {
      rows = [deletion('A'), deletion('B'), deletion('C')];
      failing.add(fault);
      await expect(finish()).rejects.toThrow('1 of 3 deletions could not be finished');
      expect(steps.at(-1)).toBe('finish A,C');
      expect(steps.at(-2)).not.toContain('/B');
    },
  );

  test('when the CDN refuses, nothing is finished', async () => {
    rows = [deletion('A')];
    failing.add('cdn ingest/A@v-A,thumbnails/A.jpg@t-A');
    await expect(finish()).rejects.toThrow('cdn');
    expect(steps).not.toContain('finish A');
  });

  test('a few at a time, and none is begun after an abort', async () => {
    rows = Array.from({ length: 30 }, (_, index) => deletion(String(index).padStart(2, '0')));
    await finish();
    expect(mostInWork).toBe(4);

    steps = [];
    expect(await finish(AbortSignal.abort())).toEqual({ finished: 0 });
    expect(steps).toEqual(['cdn ']);
  });
});

describe('the sweep', () => {
  const sweep = () => {
    const finishDeletions = makeFinishDeletions({ ...deps, logger: log.logger });
    const sweepDeletions = makeSweepDeletions({
      ...deps,
      finishDeletions,
      logger: log.logger,
      batchSize: 2,
    });
    return sweepDeletions(new AbortController().signal);
  };

  test('goes on behind a batch that fails, and does not try it twice', async () => {
    rows = ['A', 'B', 'C', 'D', 'E'].map((name) => deletion(name));
    failing.add('finish A,B');
    expect(await sweep()).toEqual({ finished: 3, forgotten: 0 });
    expect(steps.filter((name) => name.startsWith('finish'))).toEqual(['finish C,D', 'finish E']);
    expect(steps.filter((name) => name === 'delete ingest/A')).toHaveLength(1);
    expect(log.lines).toContainEqual(expect.objectContaining({ msg: 'deletion.batch_failed' }));
  });

  test('looks for leftovers once more before it forgets; what it cannot clean it keeps', async () => {
    rows = ['A', 'B', 'C'].map((name) => deletion(name, { finishedAt: new Date(0) }));
    failing.add('delete thumbnails/B.jpg');
    expect(await sweep()).toEqual({ finished: 0, forgotten: 2 });
    expect(steps.filter((name) => name.startsWith('forget'))).toEqual(['forget A', 'forget C']);
    expect(steps).toContain('delete thumbnails/A.jpg');
  });
});
