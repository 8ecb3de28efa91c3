import { describe, expect, test } from '@jest/globals';
import { type StoredPicture, wishlistImageUrl } from '../../../src/domain/wishlist-image-url.ts';

const CDN = 'https://cdn.example.com';
const RULES = { bucket: 'my-bucket', region: 'eu-central-1', cdnOrigin: CDN };
const S3 = 'https://my-bucket.s3.amazonaws.com';
const AT = new Date(1_771_754_400_123);

function show(picture: Partial<StoredPicture>, movedToCdn: boolean): string | null {
  const stored = { imageKey: null, imageUrl: null, imageUpdatedAt: AT, ...picture };
  return wishlistImageUrl(stored, RULES, movedToCdn);
}

const KEY = 'uploads/wishlist/a b.jpg';
const ON_CDN = `${CDN}/uploads/wishlist/a%20b.jpg?v=1771754400123`;

describe('a picture that came as a URL', () => {
  test.each([
    ['of our bucket', `${S3}/uploads/wishlist/a%20b.jpg`, ON_CDN],
    ['with an old version', `${S3}/uploads/wishlist/a%20b.jpg?v=1`, ON_CDN],
    ['with a query', `${S3}/uploads/wishlist/1?w=2`, `${CDN}/uploads/wishlist/1?w=2&v=${+AT}`],
    ['signed', `${S3}/uploads/wishlist/a%20b.jpg?X-Amz-Signature=s`, ON_CDN],
    ['of an ingested image', `${S3}/ingest/01ARZ3NDEKTSV4RRFFQ69G5FAV`, null],
    ['of a key that is not public', `${S3}/private/x.jpg`, null],
    ['around the public prefix', `${S3}/uploads/wishlist/../../ingest/x`, null],
    ['around it, encoded', `${S3}/uploads/wishlist/..%2F..%2Fingest/x`, null],
    ['of our bucket without a key', `${S3}/`, null],
    [
      'of our bucket with a login',
      'https://u:p@my-bucket.s3.amazonaws.com/uploads/wishlist/1',
      null,
    ],
    ['of our bucket, badly encoded', `${S3}/uploads/wishlist/%zz`, null],
  ])('%s: moves', (_what, imageUrl, expected) => {
    expect(show({ imageUrl }, true)).toBe(expected);
    expect(show({ imageUrl }, false)).toBe(imageUrl);
  });

  test.each([
    ['of another bucket', 'https://other.s3.amazonaws.com/a b?x=1'],
    ['of another site', 'HTTP://Images.example.com/a b.jpg?v=1#x'],
    ['of the CDN', `${CDN}/uploads/wishlist/1.jpg?v=1`],
  ])('%s: stays', (_what, imageUrl) => {
    expect(show({ imageUrl }, true)).toBe(imageUrl);
    expect(show({ imageUrl }, false)).toBe(imageUrl);
  });

  test.each(['uploads/wishlist/1.jpg', 'javascript:alert(1)', 'no picture', ''])(
    'and is none (%p): nothing to show',
    (imageUrl) => {
      expect(show({ imageUrl }, true)).toBeNull();
      expect(show({ imageUrl }, false)).toBeNull();
    },
  );
});

test.each([
  ['a key', KEY, ON_CDN],
  ['a key with a leading slash', `/${KEY}`, ON_CDN],
  ['a key that is not public', 'ingest/01ARZ3NDEKTSV4RRFFQ69G5FAV', null],
  ['a key around the public prefix', 'uploads/wishlist/../../ingest/x', null],
  ['the public prefix itself', 'uploads/wishlist/', null],
  ['an empty key', '', null],
])('a picture that came as %s never had another URL', (_what, imageKey, expected) => {
  expect(show({ imageKey }, true)).toBe(expected);
  expect(show({ imageKey }, false)).toBe(expected);
});

test('a normalised picture is read by its key, and has its URL back after rolling back', () => {
  const imageUrl = 'http://s3.amazonaws.com/my-bucket/uploads/wishlist/a%20b.jpg?v=3';
  expect(show({ imageKey: KEY, imageUrl }, true)).toBe(ON_CDN);
  expect(show({ imageKey: KEY, imageUrl }, false)).toBe(imageUrl);
});

test('no picture, no URL', () => {
  expect(show({}, true)).toBeNull();
  expect(show({}, false)).toBeNull();
});

test('where nobody knows when the picture changed, the version it came with stays', () => {
  const imageUrl = `${S3}/uploads/wishlist/1?v=5`;
  expect(show({ imageUrl, imageUpdatedAt: null }, true)).toBe(`${CDN}/uploads/wishlist/1?v=5`);
  expect(show({ imageKey: KEY, imageUpdatedAt: null }, true)).toBe(
    `${CDN}/uploads/wishlist/a%20b.jpg`,
  );
});
