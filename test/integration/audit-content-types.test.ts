import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { counted, requestsOf, startTestAudit, type TestAudit } from '../support/audit-store.ts';
import type { Verdict } from '../support/http-proxy.ts';
import { VERSIONED } from '../support/local-s3.ts';
import { drawTinyImages, type TinyImages } from '../support/tiny-images.ts';

let audit: TestAudit;
let images: TinyImages;
beforeAll(async () => {
  images = await drawTinyImages();
});
beforeEach(async () => {
  audit = await startTestAudit({ pageSize: 7 });
});
afterEach(() => audit.close());

/** What a fix has to keep. */
const EVERYTHING = {
  Metadata: { owner: 'anna', 'x-long-name': 'a b  c; d="e"', umlaut: '=?UTF-8?B?w7w=?=' },
  CacheControl: 'public, max-age=31536000, immutable',
  ContentDisposition: `attachment; filename="a b.png"; filename*=UTF-8''%C3%BC.png`,
  ContentEncoding: 'identity',
  ContentLanguage: 'de, en',
  Expires: new Date('2031-01-02T03:04:05Z'),
  Tagging: 'team=pictures&note=a%20b%2Bc',
  StorageClass: 'STANDARD_IA',
  ServerSideEncryption: 'aws:kms',
  SSEKMSKeyId: 'arn:aws:kms:eu-central-1:1:key/1',
  BucketKeyEnabled: true,
  WebsiteRedirectLocation: '/elsewhere',
  ChecksumAlgorithm: 'SHA256',
} as const;

const ODD_KEYS = [
  'odd/no extension',
  'odd/.png',
  'odd/a.',
  'odd/a+b&c=d?e#f%20g.png',
  'odd/жук \u{1f41e}.png',
  'odd/v1.2.3/a.b.c.png',
  'odd/../dots/./a.png',
  'odd//slashes//a.png',
  "odd/it's (1)!*~.png",
  'odd/line\nbreak\ttab.png',
  'odd/control\u0001.png',
  'odd/\uffee-\u{10ffff}.png',
  `odd/${'long'.repeat(250)}`,
  'odd/thumb_dir/a.png',
];

test('what lies is put right, with everything else kept; what is right costs one request', async () => {
  const [jpeg, png] = [images['image/jpeg'], images['image/png']];
  for (const [contentType, bytes] of Object.entries(images)) {
    await audit.put(`good/${contentType.slice(6)}`, bytes, { ContentType: contentType });
    await audit.put(`lying/${contentType.slice(6)}`, bytes, { ContentType: 'image/tiff' });
  }
  await audit.put('lying/everything.png', jpeg, { ContentType: 'image/png', ...EVERYTHING });
  await audit.put('lying/nothing.png', png);
  await audit.put('lying/case', png, { ContentType: 'image/PNG' });
  for (const key of ODD_KEYS) await audit.put(key, jpeg, { ContentType: 'image/png' });
  // Nobody's business, or not this stage's.
  await audit.put('ingest/01ABC', jpeg, { ContentType: 'image/png' });
  await audit.put('thumbnails/01ABC.jpg', png, { ContentType: 'image/jpeg' });
  await audit.put('good/thumb_a.png', jpeg, { ContentType: 'image/png' });
  await audit.put('folder/', Buffer.alloc(0), { ContentType: 'application/x-directory' });
  // No telling.
  await audit.put('short/empty.png', Buffer.alloc(0), { ContentType: 'image/png' });
  await audit.put('short/eleven.png', jpeg.subarray(0, 11), { ContentType: 'image/png' });
  await audit.put('short/twelve.png', jpeg.subarray(0, 12), { ContentType: 'image/png' });
  await audit.put('text/a.jpg', Buffer.from('just some text'), { ContentType: 'image/jpeg' });

  const before = await audit.snapshot();
  const { Expires: _expires, Tagging: _tagging, ChecksumAlgorithm: _sum, ...told } = EVERYTHING;
  expect(before['lying/everything.png']).toMatchObject({
    headers: { ...told, ChecksumSHA256: expect.any(String) },
    tags: { length: 2 },
  });
  const history = await audit.history();
  const wouldBe = await audit.run({ stage: 1, dryRun: true });
  expect(await audit.snapshot()).toEqual(before);
  expect(await audit.history()).toEqual(history);
  expect(audit.forgotten).toEqual([]);

  const done = await audit.run({ stage: 1 });
  expect(done).toEqual(wouldBe);
  const lying = Object.keys(before).filter((key) => /^(lying|odd)\/|twelve/.test(key));
  expect(counted(done.stats)).toEqual({
    processed: lying.length + 8,
    fixed: lying.length,
    already_correct: 5,
    skipped: 3,
  });
  expect(done.errors).toEqual([]);
  expect(new Set(done.changes.map(({ key }) => key))).toEqual(new Set(lying));
  expect(done.changes).toContainEqual({ key: 'lying/webp', from: 'image/tiff', to: 'image/webp' });
  expect(done.left).toEqual([
    {
      key: 'short/eleven.png',
      outcome: 'skipped',
      reason: 'it has only 11 bytes: too few to tell a format',
    },
    {
      key: 'short/empty.png',
      outcome: 'skipped',
      reason: 'it has only 0 bytes: too few to tell a format',
    },
    { key: 'text/a.jpg', outcome: 'skipped', reason: 'its bytes are of no known image format' },
  ]);

  const expected = structuredClone(before);
  for (const { key, to } of done.changes) {
    Object.assign(expected[key]?.headers ?? {}, { ContentType: to });
  }
  expect(await audit.snapshot()).toEqual(expected);
  // One new version for each that was put right.
  expect((await audit.history()).length).toBe(history.length + lying.length);
  expect(audit.forgotten.flat().sort()).not.toEqual([]);
  for (const key of lying) {
    expect(audit.forgotten.flat().some((prefix) => key.startsWith(prefix))).toBe(true);
  }

  const already = audit.proxy.passed.length;
  const again = await audit.run({ stage: 1, prefix: 'lying/' });
  expect(counted(again.stats)).toEqual({ processed: 8, already_correct: 8 });
  const requests = requestsOf(audit.proxy).slice(already);
  expect(requests.filter((request) => !request.startsWith('LIST'))).toHaveLength(8);
});

test('a value of Expires that is no date is kept', async () => {
  const put = new PutObjectCommand({
    Bucket: VERSIONED,
    Key: 'a',
    Body: images['image/png'],
    Expires: new Date(0),
  });
  put.middlewareStack.add(
    (next) => (args) => {
      Object.assign((args.request as { headers: object }).headers, { expires: '0' });
      return next(args);
    },
    { step: 'build' },
  );
  await audit.client.send(put);
  const before = await audit.snapshot();
  expect(before.a?.headers).toMatchObject({ ExpiresString: '0' });
  await audit.run({ stage: 1 });
  const { a } = await audit.snapshot();
  expect(a?.headers).toEqual({ ...before.a?.headers, ContentType: 'image/png' });
});

test('an object replaced between look and copy is looked at again, and never overwritten', async () => {
  const { put } = audit;
  await put('a.png', images['image/jpeg'], { ContentType: 'image/png' });
  await put('b.png', images['image/jpeg'], { ContentType: 'image/png' });
  let copies = 0;
  audit.proxy.judge(async ({ method, path }): Promise<Verdict> => {
    if (method !== 'PUT') return 'pass';
    copies += 1;
    // Once for a: a right one. Whenever anybody looks, for b: another one that lies.
    if (path.includes('a.png'))
      await put('a.png', images['image/gif'], { ContentType: 'image/gif' });
    else await put('b.png', Buffer.concat([images['image/jpeg'], Buffer.alloc(copies)]));
    return 'pass';
  });
  const { stats, errors } = await audit.run({ stage: 1 });
  expect(counted(stats)).toEqual({ processed: 2, already_correct: 1, errors: 1 });
  expect(errors).toEqual([
    { key: 'b.png', reason: 'it was replaced meanwhile: run the stage again' },
  ]);
  expect(copies).toBe(4);
  const { 'a.png': a, 'b.png': b } = await audit.snapshot();
  expect(a?.headers.ContentType).toBe('image/gif');
  expect(b?.headers.ContentType).toBe('application/octet-stream');
  audit.proxy.judge(() => 'pass');
  expect(counted((await audit.run({ stage: 1 })).stats)).toMatchObject({ fixed: 1 });
});

test('what is deleted meanwhile is skipped, what cannot be read is an error, the rest goes on', async () => {
  const lie = { ContentType: 'image/tiff' };
  for (const key of ['a', 'b', 'c', 'd']) await audit.put(key, images['image/png'], lie);
  await audit.put('archived', images['image/png'], { StorageClass: 'GLACIER' });
  audit.proxy.judge(({ method, path }) => {
    if (method !== 'GET') return 'pass';
    if (path.startsWith(`/${VERSIONED}/a?`)) return { status: 403 };
    return path.startsWith(`/${VERSIONED}/b?`) ? { status: 404 } : 'pass';
  });
  const { stats, errors, left } = await audit.run({ stage: 1 });
  expect(counted(stats)).toEqual({ processed: 5, fixed: 2, skipped: 1, errors: 2 });
  expect(errors).toEqual([
    { key: 'a', reason: 'the store answered 403' },
    { key: 'archived', reason: 'it is archived: restore it first' },
  ]);
  expect(left).toEqual([{ key: 'b', outcome: 'skipped', reason: 'it was deleted meanwhile' }]);
});
