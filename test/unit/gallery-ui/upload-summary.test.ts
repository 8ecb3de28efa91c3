import { beforeEach, describe, expect, test } from '@jest/globals';
import type { GalleryImage, Snapshot, Tile, Upload } from '../../../src/gallery-ui/model.ts';
import {
  createUploadSummary,
  type UploadSummary,
  underWay,
} from '../../../src/gallery-ui/view/upload-summary.ts';

const UPLOAD: Upload = {
  state: 'queued',
  sentBytes: 0,
  totalBytes: 100,
  problem: null,
  canRetry: true,
};
const IMAGE: GalleryImage = {
  id: '01J0000000000000000000000A',
  status: 'READY',
  contentType: 'image/png',
  fileName: 'a.png',
  sizeBytes: 100,
  width: 1,
  height: 1,
  failureReason: null,
  createdAt: '2026-02-22T10:05:00Z',
  thumbhash: null,
};

/** As much of a gallery as the summary looks at. */
function fakeGallery() {
  const tiles = new Map<string, Tile>();
  const listeners = new Set<() => void>();
  const tileListeners = new Map<string, Set<() => void>>();
  let keys: string[] = [];
  const snapshot = () => ({ keys }) as unknown as Snapshot;
  function put(key: string, change: Partial<Tile>): void {
    const before = tiles.get(key) ?? {
      key,
      fileName: key,
      image: null,
      upload: null,
      previewUrl: null,
      thumbnail: null,
    };
    tiles.set(key, { ...before, ...change });
    for (const listener of tileListeners.get(key) ?? []) listener();
  }
  function show(next: string[]): void {
    keys = next;
    for (const listener of listeners) listener();
  }
  return {
    put,
    show,
    add(...added: string[]) {
      for (const key of added) put(key, { upload: UPLOAD });
      show([...added, ...keys]);
    },
    state: (key: string, state: Upload['state']) => put(key, { upload: { ...UPLOAD, state } }),
    settle: (key: string, status: GalleryImage['status']) =>
      put(key, { upload: null, image: { ...IMAGE, status } }),
    dismiss(key: string) {
      tiles.delete(key);
      show(keys.filter((other) => other !== key));
    },
    watched: () => [...tileListeners.values()].reduce((sum, set) => sum + set.size, 0),
    gallery: {
      getSnapshot: snapshot,
      getTile: (key: string) => tiles.get(key),
      subscribe(listener: () => void) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      subscribeTile(key: string, listener: () => void) {
        const set = tileListeners.get(key) ?? new Set();
        tileListeners.set(key, set.add(listener));
        return () => set.delete(listener);
      },
    },
  };
}

let fake: ReturnType<typeof fakeGallery>;
let summary: UploadSummary;
let told: number;

beforeEach(() => {
  fake = fakeGallery();
  fake.put('old', { image: IMAGE });
  fake.show(['old']);
  summary = createUploadSummary(fake.gallery);
  told = 0;
  summary.subscribe(() => {
    told += 1;
  });
});

test('images that were there before are no uploads', () => {
  expect(summary.get()).toEqual({ total: 0, done: 0, failed: 0 });
});

test('counts what is ready and what is not', () => {
  fake.add('a', 'b', 'c');
  expect(summary.get()).toEqual({ total: 3, done: 0, failed: 0 });
  fake.settle('a', 'READY');
  fake.settle('b', 'FAILED');
  expect(summary.get()).toEqual({ total: 3, done: 1, failed: 1 });
  fake.state('c', 'failed');
  expect(summary.get()).toEqual({ total: 3, done: 1, failed: 2 });
  expect(underWay(summary.get())).toBe(0);
});

test('progress is not passed on', () => {
  fake.add('a');
  const before = told;
  const totals = summary.get();
  fake.state('a', 'uploading');
  fake.state('a', 'checking');
  expect(told).toBe(before);
  expect(summary.get()).toBe(totals);
});

test('files that are picked while others are under way count with them', () => {
  fake.add('a');
  fake.add('b');
  fake.settle('a', 'READY');
  fake.add('c');
  expect(summary.get()).toEqual({ total: 3, done: 1, failed: 0 });
});

test('it starts again with what is picked when all is through', () => {
  fake.add('a', 'b');
  fake.settle('a', 'READY');
  fake.state('b', 'failed');
  fake.add('c');
  expect(summary.get()).toEqual({ total: 1, done: 0, failed: 0 });
});

test('new uploads are found behind older ones too', () => {
  fake.add('a');
  fake.settle('a', 'READY');
  fake.put('b', { upload: UPLOAD });
  fake.show(['a', 'b', 'old']);
  expect(summary.get()).toEqual({ total: 1, done: 0, failed: 0 });
});

describe('one that failed', () => {
  beforeEach(() => {
    fake.add('a', 'b');
    fake.state('a', 'failed');
  });

  test('is under way when it is tried again', () => {
    fake.state('a', 'queued');
    expect(summary.get()).toEqual({ total: 2, done: 0, failed: 0 });
  });

  test('also in the next round', () => {
    fake.settle('b', 'READY');
    fake.add('c');
    fake.state('a', 'queued');
    expect(summary.get()).toEqual({ total: 2, done: 0, failed: 0 });
  });

  test('does not count any more when it is dismissed', () => {
    fake.dismiss('a');
    expect(summary.get()).toEqual({ total: 1, done: 0, failed: 0 });
  });
});

test('a canceled one does not count, until it is tried again', () => {
  fake.add('a', 'b');
  fake.state('a', 'canceled');
  expect(summary.get()).toEqual({ total: 1, done: 0, failed: 0 });
  fake.state('a', 'queued');
  expect(summary.get()).toEqual({ total: 2, done: 0, failed: 0 });
});

test('nothing is watched after it is closed', () => {
  fake.add('a', 'b');
  summary.close();
  expect(fake.watched()).toBe(0);
});
