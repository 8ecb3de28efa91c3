import { beforeEach, describe, expect, test } from '@jest/globals';
import type { ImageId } from '../../../src/domain/image-id.ts';
import type { ImageStatus } from '../../../src/domain/image-status.ts';
import { type ImageFeed, makeImageFeed } from '../../../src/features/live/image-feed.ts';
import { makeWatchImages, type WatchImages } from '../../../src/features/live/watch-images.ts';
import type { ChangeListener } from '../../../src/shared/image-changes.ts';
import { newImageId } from '../../../src/shared/image-ids.ts';
import type { ImageRecord } from '../../../src/shared/image-records.ts';
import { imageRecord } from '../../support/image-record.ts';
import { type CapturedLog, captureLog } from '../../support/log.ts';

/** What is stored, and a feed over it whose reads a test can look at, hold up and let fail. */
let stored: Map<ImageId, ImageRecord>;
let reads: ImageId[][];
let beforeRead: () => Promise<void>;
let afterRead: () => Promise<void>;
let listener: ChangeListener | undefined;
let log: CapturedLog;
let feed: ImageFeed;
let watchImages: WatchImages;

beforeEach(() => {
  stored = new Map();
  reads = [];
  beforeRead = async () => {};
  afterRead = async () => {};
  listener = undefined;
  log = captureLog();
  feed = makeImageFeed({
    changes: {
      listen(given) {
        listener = given;
      },
    },
    records: {
      async findMany(ids) {
        reads.push([...ids]);
        await beforeRead();
        const found = ids.map((id) => stored.get(id) ?? null);
        await afterRead();
        return found;
      },
    },
    logger: log.logger,
  });
  watchImages = makeWatchImages({ feed, maxIds: 3 });
});

function store(status: ImageStatus, id = newImageId()): ImageId {
  stored.set(id, imageRecord({ id, status }));
  return id;
}

/** Stores and tells, as another process does. */
function change(id: ImageId, status: ImageStatus): void {
  store(status, id);
  listener?.onChange(id);
}

async function all(images: AsyncIterable<ImageRecord>): Promise<string[]> {
  const statuses: string[] = [];
  for await (const { status } of images) statuses.push(status);
  return statuses;
}

describe('watchImages', () => {
  test('refuses no ids and too many', () => {
    expect(() => watchImages([])).toThrow(
      expect.objectContaining({ code: 'EMPTY_ID_LIST', field: 'ids' }),
    );
    expect(() => watchImages(['a', 'a', 'a', 'a'])).toThrow(
      expect.objectContaining({ code: 'TOO_MANY_IDS', field: 'ids' }),
    );
    expect(listener).toBeUndefined();
  });

  test('a change before the first read is told once, as it is then', async () => {
    const id = store('pending');
    beforeRead = async () => {
      beforeRead = async () => {};
      change(id, 'ready');
    };
    expect(await all(watchImages([id]))).toEqual(['ready']);
  });

  test('a change that the first read has just not seen is told, too', async () => {
    const id = store('pending');
    afterRead = async () => {
      afterRead = async () => {};
      change(id, 'ready');
    };
    expect(await all(watchImages([id]))).toEqual(['pending', 'ready']);
    expect(reads).toHaveLength(2);
  });

  test('a notice without a change tells nothing', async () => {
    const id = store('pending');
    const images = watchImages([id]);
    expect((await images.next()).value).toMatchObject({ status: 'pending' });
    const next = images.next();
    listener?.onChange(id);
    listener?.onGap();
    await reading(2);
    change(id, 'failed');
    expect((await next).value).toMatchObject({ status: 'failed' });
  });

  test('a gap has all that is watched looked at again', async () => {
    const ids = [store('pending'), store('pending')];
    const images = watchImages(ids);
    await images.next();
    await images.next();
    for (const id of ids) store('ready', id);
    listener?.onGap();
    expect(await all(images)).toEqual(['ready', 'ready']);
    expect(reads).toEqual([ids, ids]);
  });

  test('many changes in a tick are one query, and only of what is watched', async () => {
    const [first, second] = [store('pending'), store('pending')];
    const streams = [watchImages([first, second]), watchImages([second])];
    change(first, 'ready');
    change(second, 'ready');
    listener?.onChange(newImageId());
    expect(await Promise.all(streams.map(all))).toEqual([['ready', 'ready'], ['ready']]);
    expect(reads).toEqual([[first, second]]);
  });

  test('a slow reader is told the latest, not the history', async () => {
    const id = store('pending');
    const images = watchImages([id]);
    await reading(1);
    change(id, 'failed');
    await reading(2);
    expect(await all(images)).toEqual(['failed']);
  });

  test('what cannot be read is read later, and nothing is told in between', async () => {
    const id = store('ready');
    beforeRead = async () => {
      beforeRead = async () => {};
      throw new Error('the database is away');
    };
    expect(await all(watchImages([id]))).toEqual(['ready']);
    expect(log.lines).toMatchObject([{ msg: 'live.read_failed', failures: 1 }]);
    expect(reads).toEqual([[id], [id]]);
  });

  test.each(['return', 'the end'])('after %s nothing is watched any more', async (how) => {
    const id = store(how === 'return' ? 'pending' : 'ready');
    const images = watchImages([id]);
    await images.next();
    const last = images.next();
    if (how === 'return') await images.return?.();
    expect(await last).toEqual({ done: true, value: undefined });
    expect(await images.next()).toEqual({ done: true, value: undefined });
    listener?.onChange(id);
    listener?.onGap();
    await turn();
    expect(reads).toHaveLength(1);
  });

  test('return before the first next frees everything, too', async () => {
    const id = store('pending');
    const images = watchImages([id]);
    await images.return?.();
    expect(await all(images)).toEqual([]);
    listener?.onGap();
    await turn();
    expect(reads).toEqual([]);
  });

  test('another stream of the same image goes on', async () => {
    const id = store('pending');
    const [gone, stays] = [watchImages([id]), watchImages([id])];
    await gone.next();
    await gone.return?.();
    change(id, 'ready');
    expect((await all(stays)).at(-1)).toBe('ready');
  });
});

/** Resolves when the answer of that read has been passed on. */
async function reading(count: number): Promise<void> {
  while (reads.length < count) await turn();
  await turn();
}

/** Everything that is to happen without waiting for the outside has happened after it. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
