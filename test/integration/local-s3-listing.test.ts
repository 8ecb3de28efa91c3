import {
  DeleteObjectCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createSortedKeys } from '../../src/local/s3/sorted-keys.ts';
import { compareUtf8 } from '../../src/local/s3/utf8-order.ts';
import { BUCKET, sdkOutcome, startTestS3, type TestS3, VERSIONED } from '../support/local-s3.ts';

const KEYS = [
  'B',
  'a',
  'a b',
  'a+b',
  'a-b',
  'a.b',
  'a/1',
  'a/2',
  'a/b/3',
  'aB',
  'a_b',
  'b/',
  'é<&>',
  '\uffff',
  '😀',
];

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

describe('order', () => {
  test('is that of UTF-8 bytes, emoji behind U+FFFF', () => {
    const letters = ['', 'a', 'b', 'é', '\ud7ff', '\ue000', '\uffff', '😀', '🙃'];
    for (const a of letters) {
      for (const b of letters) {
        for (const c of letters) {
          const got = Math.sign(compareUtf8(a + b, c + a));
          expect(got).toBe(Math.sign(byBytes(a + b, c + a)));
        }
      }
    }
  });

  test('is kept through additions, few and many, and removals', () => {
    const keys = createSortedKeys();
    const expected = new Set<string>();
    const check = (): void => {
      const sorted = [...expected].sort(byBytes);
      expect(sorted.map((_, index) => keys.at(index))).toEqual(sorted);
      expect(keys.at(sorted.length)).toBeUndefined();
    };
    for (let i = 0; i < 300; i += 1) {
      const key = `k${(i * 7919) % 1000}`;
      keys.add(key);
      expected.add(key);
      if (i === 200) check();
      if (i > 200 && i % 3 === 0) {
        keys.remove(key);
        expected.delete(key);
        check();
      }
    }
    keys.remove('none');
    check();
  });
});

describe('ListObjectsV2', () => {
  let s3: TestS3;
  let client: S3Client;
  beforeAll(async () => {
    s3 = await startTestS3();
    client = s3.client();
    for (const Key of KEYS) {
      await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: Key }));
    }
  });
  afterAll(async () => {
    await s3.stop();
    expect(s3.problems).toEqual([]);
  });

  const list = (input: Partial<ListObjectsV2CommandInput> = {}) =>
    client.send(new ListObjectsV2Command({ Bucket: BUCKET, ...input }));
  const names = async (input: Partial<ListObjectsV2CommandInput> = {}) => {
    const page = await list(input);
    return {
      keys: (page.Contents ?? []).map(({ Key }) => Key),
      groups: (page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
      next: page.NextContinuationToken,
      count: page.KeyCount,
    };
  };
  const all = async (input: Partial<ListObjectsV2CommandInput>) => {
    const seen: (string | undefined)[] = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await names({ ...input, ContinuationToken });
      seen.push(...page.keys, ...page.groups);
      ContinuationToken = page.next;
    } while (ContinuationToken !== undefined);
    return seen;
  };

  test('in byte order, with size and ETag', async () => {
    const page = await list();
    expect(page.Contents?.map(({ Key }) => Key)).toEqual([...KEYS].sort(byBytes));
    expect(page.Contents?.[0]).toMatchObject({ Key: 'B', Size: 1, StorageClass: 'STANDARD' });
    expect(page).toMatchObject({ KeyCount: KEYS.length, MaxKeys: 1000, IsTruncated: false });
  });

  test.each([1, 2, 3, 7, 1000])('%d a page, nothing twice and nothing lost', async (MaxKeys) => {
    expect(await all({ MaxKeys })).toEqual([...KEYS].sort(byBytes));
    const grouped = await all({ MaxKeys, Delimiter: '/' });
    expect(grouped.filter((name) => name?.endsWith('/')).sort()).toEqual(['a/', 'b/']);
    expect(grouped).toHaveLength(KEYS.length - 2);
  });

  test('prefix and delimiter', async () => {
    expect(await names({ Prefix: 'a/', Delimiter: '/' })).toMatchObject({
      keys: ['a/1', 'a/2'],
      groups: ['a/b/'],
      count: 3,
    });
    expect((await names({ Prefix: 'a/b' })).keys).toEqual(['a/b/3']);
    expect((await names({ Prefix: 'none' })).keys).toEqual([]);
    expect((await names({ StartAfter: 'a_b' })).keys).toEqual(['b/', 'é<&>', '\uffff', '😀']);
    expect(await names({ MaxKeys: 0 })).toMatchObject({ keys: [], next: undefined });
  });

  test('encoding-type=url', async () => {
    const { keys } = await names({ Prefix: 'a', EncodingType: 'url' });
    expect(keys).toContain('a+b');
    expect(keys).toContain('a%2Bb');
    expect(keys).toContain('a/b/3');
  });

  test('what is deleted, or marked so, is not listed', async () => {
    for (const Key of ['x/1', 'y']) {
      await client.send(new PutObjectCommand({ Bucket: VERSIONED, Key, Body: 'x' }));
    }
    await client.send(new DeleteObjectCommand({ Bucket: VERSIONED, Key: 'x/1' }));
    expect(await names({ Bucket: VERSIONED, Delimiter: '/' })).toMatchObject({
      keys: ['y'],
      groups: [],
    });
  });

  test.each<[string, Partial<ListObjectsV2CommandInput>, string]>([
    ['token', { ContinuationToken: 'x' }, '400 InvalidArgument'],
    ['max-keys', { MaxKeys: -1 }, '400 InvalidArgument'],
    ['bucket', { Bucket: 'nowhere' }, '404 NoSuchBucket'],
  ])('refused: %s', async (_name, input, expected) => {
    expect(await sdkOutcome(list(input))).toBe(expected);
  });

  test('the old ListObjects is not implemented', async () => {
    const call = client.send(new ListObjectsCommand({ Bucket: BUCKET }));
    expect(await sdkOutcome(call)).toBe('501 NotImplemented');
  });
});
