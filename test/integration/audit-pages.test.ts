import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { counted, requestsOf, startTestAudit, type TestAudit } from '../support/audit-store.ts';
import { VERSIONED } from '../support/local-s3.ts';
import { drawTinyImages } from '../support/tiny-images.ts';

let audit: TestAudit;
let png: Buffer;
beforeAll(async () => {
  png = (await drawTinyImages())['image/png'];
});
beforeEach(async () => {
  audit = await startTestAudit({ pageSize: 4 });
});
afterEach(() => audit.close());

const plant = async (...keys: string[]) => {
  for (const key of keys) await audit.put(key, png, { ContentType: 'image/tiff' });
};
const numbered = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}${String(index).padStart(2, '0')}`);
const pathOf = (key: string) => `/${VERSIONED}/${key}?`;

test('ingest/ and thumbnails/ are jumped over, wherever a page ends', async () => {
  const inside = [
    ...numbered('ingest/', 9),
    'ingest/~',
    'ingest/\u{10ffff}',
    ...numbered('thumbnails/', 9),
  ];
  const outside = ['a', 'ingest', 'ingest-', 'ingest0', 'ingestion/a', 'thumbnails0', 'z'];
  await plant(...inside, ...outside);
  const before = await audit.history();
  for (const prefix of ['', 'i', 'ingest', 't', 'ingest/', 'ingest/0', 'thumbnails/']) {
    audit.proxy.passed.length = 0;
    const { changes } = await audit.run({ stage: 1, prefix, dryRun: true });
    expect(changes.map(({ key }) => key)).toEqual(outside.filter((key) => key.startsWith(prefix)));
    // 2 pages of what is outside, at most 2 that reach into each folder.
    const lists = requestsOf(audit.proxy).filter((request) => request.startsWith('LIST'));
    expect(lists.length).toBeLessThanOrEqual(prefix.includes('/') ? 0 : 6);
  }
  // From within, as well.
  const page = await audit.page({ stage: 1 }, { after: 'ingest/03' });
  expect(page.changes.map(({ key }) => key)).toContain('ingest0');
  await audit.run({ stage: 1 });
  const touched = (await audit.history()).filter((version) => !before.includes(version));
  expect(touched.map((version) => version.split(' ')[0]).sort()).toEqual(outside.sort());
});

test('a limit ends a page early, and the next begins behind it', async () => {
  await plant('a', 'thumb_b', 'c', 'd', 'e');
  const first = await audit.page({ stage: 1 }, { remaining: 2 });
  expect([counted(first.stats), first.next]).toEqual([{ processed: 2, fixed: 2 }, 'c']);
  const second = await audit.page({ stage: 1 }, { after: first.next, remaining: 5 });
  expect([counted(second.stats), second.next]).toEqual([{ processed: 2, fixed: 2 }, null]);
  const none = await audit.page({ stage: 1 }, { after: 'c', remaining: 0 });
  expect([counted(none.stats), none.next]).toEqual([{}, 'c']);
});

test('a store that has too much to do is asked more slowly, and again', async () => {
  await plant('a', 'b');
  const rate = audit.pacer.rate();
  let refusals = 0;
  audit.proxy.judge(({ method }) => {
    // Whatever it is that comes first: the listing, the looks, a copy.
    refusals += 1;
    return refusals % 2 === 1 && refusals < 8 ? { status: 503 } : method ? 'pass' : 'cut';
  });
  const { stats } = await audit.run({ stage: 1 });
  expect(counted(stats)).toEqual({ processed: 2, fixed: 2 });
  expect(audit.pacer.rate()).toBeLessThan(rate);
  expect(audit.log.map(({ msg }) => msg)).toContain('audit.slowed_down');
});

test('a fault on one object is tried again, and is its error if it stays', async () => {
  await plant('a', 'b');
  let cuts = 0;
  audit.proxy.judge(({ path }) => {
    if (path.startsWith(pathOf('b'))) return { status: 500 };
    if (!path.startsWith(pathOf('a')) || cuts > 1) return 'pass';
    cuts += 1;
    return 'cut';
  });
  const { stats, errors } = await audit.run({ stage: 1 });
  expect(counted(stats)).toEqual({ processed: 2, fixed: 1, errors: 1 });
  expect(errors).toEqual([{ key: 'b', reason: 'the store answered 500' }]);
});

test('a store that is away, or lets nobody in, ends the page', async () => {
  await plant('a', 'b');
  audit.proxy.judge(({ path }) => (path.includes('list-type') ? 'pass' : 'cut'));
  await expect(audit.page({ stage: 1 })).rejects.toThrow('the object store cannot be asked');
  audit.proxy.judge(({ path }) => (path.includes('list-type') ? { status: 403 } : 'pass'));
  await expect(audit.page({ stage: 1 })).rejects.toThrow(
    'the objects cannot be listed: the store answered 403',
  );
});

test('an abort finishes what is in work and tells how far that came', async () => {
  await audit.close();
  audit = await startTestAudit();
  const keys = numbered('k', 60);
  await plant(...keys);
  const controller = new AbortController();
  const release = Promise.withResolvers<'pass'>();
  let copies = 0;
  audit.proxy.judge(({ method }) => {
    if (method !== 'PUT') return 'pass';
    copies += 1;
    if (copies === 3) {
      controller.abort();
      release.resolve('pass');
    }
    return release.promise;
  });
  const page = await audit.page({ stage: 1 }, { signal: controller.signal });
  const { processed, fixed } = page.stats;
  expect(fixed).toBe(processed);
  expect(processed).toBeGreaterThanOrEqual(3);
  expect(processed).toBeLessThanOrEqual(32);
  expect(page.next).toBe(keys[processed - 1]);
  audit.proxy.judge(() => 'pass');
  // What was begun and is not in the page is none: nothing is counted twice, or not at all.
  const rest = await audit.page({ stage: 1 }, { after: page.next });
  expect(counted(rest.stats)).toEqual({ processed: 60 - processed, fixed: 60 - processed });

  await expect(audit.page({ stage: 1 }, { signal: controller.signal })).rejects.toThrow();
});

test('the CDN is told again after a run that was killed before it was', async () => {
  await plant('uploads/wishlist/a', 'uploads/wishlist/b');
  const tell = audit.cdn.forgetBelow;
  const controller = new AbortController();
  audit.cdn.forgetBelow = async () => {
    controller.abort();
    throw new Error('TooManyInvalidationsInProgress');
  };
  await expect(audit.page({ stage: 1 }, { signal: controller.signal })).rejects.toThrow(
    'TooManyInvalidationsInProgress',
  );
  expect(audit.forgotten).toEqual([]);
  audit.cdn.forgetBelow = tell;
  const { stats } = await audit.run({ stage: 1 });
  expect(counted(stats)).toEqual({ processed: 2, already_correct: 2 });
  expect(audit.forgotten).toEqual([['uploads/wishlist/a', 'uploads/wishlist/b']]);
});

test('the CDN is asked again while it has too much to do', async () => {
  await plant('a');
  const tell = audit.cdn.forgetBelow;
  audit.cdn.forgetBelow = async () => {
    audit.cdn.forgetBelow = tell;
    throw new Error('TooManyInvalidationsInProgress');
  };
  await audit.run({ stage: 1 });
  expect(audit.forgotten).toEqual([['a']]);
  expect(audit.log.map(({ msg }) => msg)).toContain('audit.cdn_not_told');
});
