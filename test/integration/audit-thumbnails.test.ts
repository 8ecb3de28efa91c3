import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { counted, requestsOf, startTestAudit, type TestAudit } from '../support/audit-store.ts';
import type { Verdict } from '../support/http-proxy.ts';
import { drawTinyImages, type TinyImages } from '../support/tiny-images.ts';

let audit: TestAudit;
let images: TinyImages;
beforeAll(async () => {
  images = await drawTinyImages();
});
beforeEach(async () => {
  audit = await startTestAudit({ pageSize: 5 });
});
afterEach(() => audit.close());

const asPng = { ContentType: 'image/png' };

/** Thumbnails that are JPEG and have no other, each with what is odd about its name. */
const TO_BE_COPIED = [
  'c/thumb_plain.png',
  'c/thumb_.png',
  'c/thumb_a.jpg.png',
  'c/thumb_a+b &?#%.png',
  'c/thumb_жук \u{1f41e}.png',
  'c/thumb_line\nbreak.png',
  'c/thumb_control\u0001.png',
  'c/thumb_dir/thumb_x.png',
  'c.d/thumb_e.f.png',
  'thumb_root.png',
];

async function plant(): Promise<void> {
  const { put } = audit;
  const [jpeg, png] = [images['image/jpeg'], images['image/png']];
  for (const key of TO_BE_COPIED) await put(key, jpeg, asPng);
  await put('c/thumb_kept.png', jpeg, {
    ...asPng,
    Metadata: { owner: 'anna' },
    CacheControl: 'max-age=60',
    ContentDisposition: 'inline',
    Tagging: 'a=1',
    StorageClass: 'STANDARD_IA',
    ServerSideEncryption: 'aws:kms',
    SSEKMSKeyId: 'key-1',
    WebsiteRedirectLocation: '/x',
    ChecksumAlgorithm: 'SHA256',
  });
  // There already: whatever it is.
  await put('e/thumb_jpeg.png', jpeg, asPng);
  await put('e/thumb_jpeg.jpg', jpeg, { ContentType: 'image/jpeg' });
  await put('e/thumb_liar.png', jpeg, asPng);
  await put('e/thumb_liar.jpg', png, { ContentType: 'image/jpeg' });
  await put('e/thumb_short.png', jpeg, asPng);
  await put('e/thumb_short.jpg', jpeg.subarray(0, 11), { ContentType: 'image/jpeg' });
  // What they say they are, or nothing at all.
  await put('n/thumb_png.png', png, asPng);
  await put('n/thumb_text.png', Buffer.from('just some text'), asPng);
  await put('n/thumb_empty.png', Buffer.alloc(0), asPng);
  await put('n/thumb_short.png', jpeg.subarray(0, 11), asPng);
  // None of these stages' business.
  for (const key of [
    'm/a.png',
    'm/thumb_a.PNG',
    'm/thumb_dir/a.png',
    'm/thumb_b.jpg',
    'm/f.png/',
  ]) {
    await put(key, jpeg, asPng);
  }
  await put('ingest/thumb_a.png', jpeg, asPng);
  await put('thumbnails/thumb_a.png', jpeg, asPng);
}

test('stage 2 copies what is JPEG, stage 3 deletes what was copied; dry runs say so before', async () => {
  await plant();
  const before = await audit.snapshot();
  const history = await audit.history();
  const wouldCopy = await audit.run({ stage: 2, dryRun: true });
  expect(await audit.history()).toEqual(history);

  const copied = await audit.run({ stage: 2 });
  expect(copied).toEqual(wouldCopy);
  expect(counted(copied.stats)).toEqual({
    processed: 18,
    copied: 11,
    already_exists: 3,
    skipped_not_jpeg: 4,
  });
  expect(copied.errors).toEqual([]);
  expect(copied.left).toEqual([
    {
      key: 'n/thumb_empty.png',
      outcome: 'skipped_not_jpeg',
      reason: 'it has only 0 bytes: too few to tell a format',
    },
    { key: 'n/thumb_png.png', outcome: 'skipped_not_jpeg', reason: 'its bytes are image/png' },
    {
      key: 'n/thumb_short.png',
      outcome: 'skipped_not_jpeg',
      reason: 'it has only 11 bytes: too few to tell a format',
    },
    {
      key: 'n/thumb_text.png',
      outcome: 'skipped_not_jpeg',
      reason: 'its bytes are of no known image format',
    },
  ]);
  const jpegOf = (key: string) => key.replace(/png$/, 'jpg');
  const keys = [...TO_BE_COPIED, 'c/thumb_kept.png'];
  expect(new Set(copied.changes.map(({ key }) => key))).toEqual(new Set(keys));
  for (const { key, from, to } of copied.changes) expect([from, to]).toEqual([key, jpegOf(key)]);
  const expected = structuredClone(before);
  for (const key of keys) {
    const source = structuredClone(before[key]);
    if (!source) throw new Error(`${key} is not there`);
    Object.assign(source.headers, { ContentType: 'image/jpeg' });
    expected[jpegOf(key)] = source;
  }
  expect(await audit.snapshot()).toEqual(expected);

  const wouldDelete = await audit.run({ stage: 3, dryRun: true });
  expect(await audit.snapshot()).toEqual(expected);
  const afterCopies = await audit.history();
  const deleted = await audit.run({ stage: 3 });
  expect(deleted).toEqual(wouldDelete);
  // The four that were no JPEG, and the two beside a .jpg that is none.
  expect(counted(deleted.stats)).toEqual({ processed: 18, deleted: 12, skipped_no_jpg: 6 });
  expect(deleted.left).toEqual([
    {
      key: 'e/thumb_liar.png',
      outcome: 'skipped_no_jpg',
      reason: 'what is at its .jpg key is no JPEG',
    },
    {
      key: 'e/thumb_short.png',
      outcome: 'skipped_no_jpg',
      reason: 'what is at its .jpg key is no JPEG',
    },
  ]);
  for (const key of [...keys, 'e/thumb_jpeg.png']) delete expected[key];
  expect(await audit.snapshot()).toEqual(expected);
  // XML cannot hold every key: one that it cannot would spoil the whole batch.
  const requests = requestsOf(audit.proxy).filter((request) => request.startsWith('DELETE'));
  expect(requests).toEqual(['DELETE c/thumb_control\u0001.png']);
  // Only markers on top: every version can be had back.
  expect(await audit.history()).toEqual(expect.arrayContaining(afterCopies));

  expect(counted((await audit.run({ stage: 2 })).stats)).toMatchObject({ processed: 6 });
});

test('whether the .jpg exists is asked only where the listing does not tell', async () => {
  const jpeg = images['image/jpeg'];
  for (const name of ['a', 'b']) {
    await audit.put(`thumb_${name}.jpg`, jpeg, { ContentType: 'image/jpeg' });
    await audit.put(`thumb_${name}.png`, jpeg, asPng);
  }
  const page = await audit.page({ stage: 2 }, { after: 'thumb_a.jpg' });
  expect(counted(page.stats)).toEqual({ processed: 2, already_exists: 2 });
  // Its .jpg is before the page, that of b is in it.
  expect(requestsOf(audit.proxy)).toEqual(['LIST thumb_a.jpg', 'GET thumb_a.jpg']);
  audit.proxy.passed.length = 0;
  // And so it is where the prefix leaves it out.
  await audit.page({ stage: 2, prefix: 'thumb_b.p' });
  expect(requestsOf(audit.proxy)).toEqual(['LIST ', 'GET thumb_b.jpg']);
});

test('a .jpg that comes while it is copied stays as it is', async () => {
  const { put } = audit;
  await put('thumb_a.png', images['image/jpeg'], asPng);
  audit.proxy.judge(async ({ method }): Promise<Verdict> => {
    if (method === 'PUT') await put('thumb_a.jpg', images['image/gif']);
    return 'pass';
  });
  const { stats } = await audit.run({ stage: 2 });
  expect(counted(stats)).toEqual({ processed: 1, already_exists: 1 });
  const { 'thumb_a.jpg': there } = await audit.snapshot();
  expect(there?.bytes).toBe(images['image/gif'].toString('base64'));
});

test('a .png that is replaced before it is copied is looked at again', async () => {
  const { put } = audit;
  await put('thumb_a.png', images['image/jpeg'], asPng);
  audit.proxy.judge(async ({ method }): Promise<Verdict> => {
    if (method === 'PUT') await put('thumb_a.png', images['image/gif']);
    return 'pass';
  });
  const { stats } = await audit.run({ stage: 2 });
  expect(counted(stats)).toEqual({ processed: 1, skipped_not_jpeg: 1 });
  expect(Object.keys(await audit.snapshot())).toEqual(['thumb_a.png']);
});

test('a .png that is replaced before it is deleted is kept, and the others go', async () => {
  const { put } = audit;
  for (const name of ['a', 'b']) {
    await put(`thumb_${name}.png`, images['image/jpeg'], asPng);
    await put(`thumb_${name}.jpg`, images['image/jpeg'], { ContentType: 'image/jpeg' });
  }
  audit.proxy.judge(async ({ method }): Promise<Verdict> => {
    if (method === 'POST') await put('thumb_a.png', images['image/gif']);
    return 'pass';
  });
  const { stats, errors, changes } = await audit.run({ stage: 3 });
  expect(counted(stats)).toEqual({ processed: 2, deleted: 1, errors: 1 });
  expect(errors).toEqual([
    { key: 'thumb_a.png', reason: 'it was replaced meanwhile: run the stage again' },
  ]);
  expect(changes.map(({ key }) => key)).toEqual(['thumb_b.png']);
  expect(Object.keys(await audit.snapshot())).toEqual([
    'thumb_a.jpg',
    'thumb_a.png',
    'thumb_b.jpg',
  ]);
});

test('a whole batch that is refused is an error for each, with the store at fault for all', async () => {
  await audit.put('thumb_a.png', images['image/jpeg'], asPng);
  await audit.put('thumb_a.jpg', images['image/jpeg'], { ContentType: 'image/jpeg' });
  audit.proxy.judge(({ method }) => (method === 'POST' ? { status: 403 } : 'pass'));
  const { stats, errors } = await audit.run({ stage: 3 });
  expect(counted(stats)).toEqual({ processed: 1, errors: 1 });
  expect(errors).toEqual([{ key: 'thumb_a.png', reason: 'the store answered 403' }]);
});
