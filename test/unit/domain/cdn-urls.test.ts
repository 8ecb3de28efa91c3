import { describe, expect, test } from '@jest/globals';
import { cdnUrlOfKey, isPublicKey, withVersion } from '../../../src/domain/cdn-urls.ts';

const CDN = 'https://cdn.example.com';

describe('an object key as a CDN URL', () => {
  test.each([
    ['plain', 'uploads/wishlist/1.jpg', '/uploads/wishlist/1.jpg'],
    ['of one segment', 'a.jpg', '/a.jpg'],
    ['with a space', 'my photo.jpg', '/my%20photo.jpg'],
    ['with a plus sign', 'a+b.jpg', '/a%2Bb.jpg'],
    ['with a number sign', 'a#b.jpg', '/a%23b.jpg'],
    ['with a question mark', 'a?v=1.jpg', '/a%3Fv%3D1.jpg'],
    ['with a percent sign', '100%.jpg', '/100%25.jpg'],
    ['that looks percent-encoded', 'a%20b.jpg', '/a%2520b.jpg'],
    ['with an ampersand', 'a&b.jpg', '/a%26b.jpg'],
    ['with an at sign', 'cat@2x.jpg', '/cat%402x.jpg'],
    ['with a colon and a comma', 'a:b,c.jpg', '/a%3Ab%2Cc.jpg'],
    ['with what URLs leave alone', "a-b_c.d!e~f*g'(h).jpg", "/a-b_c.d!e~f*g'(h).jpg"],
    ['with a backslash', 'a\\b.jpg', '/a%5Cb.jpg'],
    ['with quotes and angles', '"<a>".jpg', '/%22%3Ca%3E%22.jpg'],
    ['with an accent', 'café.jpg', '/caf%C3%A9.jpg'],
    ['with a combining accent, which is another key', 'cafe\u0301.jpg', '/cafe%CC%81.jpg'],
    ['with an emoji', '🦊.png', '/%F0%9F%A6%8A.png'],
    ['with a double slash', 'a//b.jpg', '/a//b.jpg'],
    ['with a slash at the end', 'a/', '/a/'],
    ['with a leading slash', '/uploads/wishlist/1.jpg', '/uploads/wishlist/1.jpg'],
    ['with several leading slashes', '///a.jpg', '/a.jpg'],
    ['with dots that are no segment', '..a/b../...jpg', '/..a/b../...jpg'],
    ['that reads like a URL', 'https://evil.example/a', '/https%3A//evil.example/a'],
    ['of 1,024 bytes', 'é'.repeat(512), `/${'%C3%A9'.repeat(512)}`],
  ])('%s', (_what, key, path) => {
    expect(cdnUrlOfKey(key, CDN)).toBe(`${CDN}${path}`);
    // Nothing is resolved away, and S3 is asked for the very key.
    expect(decodeURIComponent(new URL(`${CDN}${path}`).pathname)).toBe(
      `/${key.replace(/^\/+/, '')}`,
    );
  });

  test.each([
    ['null', null],
    ['empty', ''],
    ['only slashes', '//'],
    ['with a segment ..', 'uploads/wishlist/../../ingest/x'],
    ['with a segment .', 'a/./b'],
    ['only dots', '..'],
    ['dots behind a leading slash', '/../a'],
    ['dots at the end', 'a/..'],
    ['over 1,024 bytes', `${'é'.repeat(512)}a`],
    ['half an emoji', 'a\ud83d.png'],
  ])('%s: none', (_what, key) => {
    expect(cdnUrlOfKey(key, CDN)).toBeNull();
  });
});

test.each([
  ['uploads/wishlist/1.jpg', true],
  ['uploads/wishlist/a/b', true],
  ['uploads/wishlist/', false],
  ['uploads/wishlist', false],
  ['uploads/wishlists/1.jpg', false],
  ['uploads/01ARZ3NDEKTSV4RRFFQ69G5FAV', false],
  ['Uploads/wishlist/1.jpg', false],
  ['x/uploads/wishlist/1.jpg', false],
  ['ingest/01ARZ3NDEKTSV4RRFFQ69G5FAV', false],
  ['thumbnails/01ARZ3NDEKTSV4RRFFQ69G5FAV.jpg', false],
])('whether everybody may read %s: %s', (key, expected) => {
  expect(isPublicKey(key)).toBe(expected);
});

describe('a version in a URL', () => {
  test.each([
    ['without a query', `${CDN}/a`, `${CDN}/a?v=7`],
    ['in place of another', `${CDN}/a?v=1`, `${CDN}/a?v=7`],
    ['in place of several', `${CDN}/a?v=1&v=2&v`, `${CDN}/a?v=7`],
    ['behind others', `${CDN}/a?v=1&w=2&x`, `${CDN}/a?w=2&x&v=7`],
    ['not in place of longer names', `${CDN}/a?vv=1&V=2`, `${CDN}/a?vv=1&V=2&v=7`],
    ['before the fragment', `${CDN}/a?v=1#f?v=2`, `${CDN}/a?v=7#f?v=2`],
    ['with an empty query', `${CDN}/a?`, `${CDN}/a?v=7`],
  ])('%s', (_what, url, expected) => {
    expect(withVersion(url, '7')).toBe(expected);
  });

  test('none leaves the URL as it is', () => {
    expect(withVersion(`${CDN}/a?v=1`, null)).toBe(`${CDN}/a?v=1`);
  });
});
