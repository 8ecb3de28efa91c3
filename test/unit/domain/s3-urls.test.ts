import { describe, expect, test } from '@jest/globals';
import { objectKeyOfUrl, toCdnUrl } from '../../../src/domain/cdn-urls.ts';
import { OWN_S3_URLS } from './own-s3-urls.ts';

const CDN = 'https://cdn.example.com';
const RULES = { bucket: 'my-bucket', region: 'eu-central-1', cdnOrigin: CDN };

describe('an S3 URL of our bucket', () => {
  test.each(OWN_S3_URLS)('%s', (_what, url, key, rest = `/${key}`) => {
    expect(objectKeyOfUrl(url, RULES)).toBe(key);
    const cdnUrl = toCdnUrl(url, RULES);
    expect(cdnUrl).toBe(`${CDN}${rest}`);
    expect(toCdnUrl(cdnUrl, RULES)).toBe(cdnUrl);
  });

  test.each([
    ['virtual-hosted', 'https://my.media.bucket.s3.amazonaws.com/a'],
    ['regional', 'https://my.media.bucket.s3.eu-central-1.amazonaws.com/a'],
    ['path style', 'https://s3-eu-west-1.amazonaws.com/my.media.bucket/a'],
  ])('a bucket name with dots, %s', (_what, url) => {
    expect(toCdnUrl(url, { ...RULES, bucket: 'my.media.bucket' })).toBe(`${CDN}/a`);
    expect(toCdnUrl(url, { ...RULES, bucket: 'bucket' })).toBe(url);
  });

  test('a bucket whose name ends like a host of S3', () => {
    const rules = { ...RULES, bucket: 'a.s3' };
    expect(toCdnUrl('https://a.s3.s3.amazonaws.com/k', rules)).toBe(`${CDN}/k`);
    expect(toCdnUrl('https://a.s3.amazonaws.com/k', rules)).toBe('https://a.s3.amazonaws.com/k');
  });

  test.each([
    ['cn-north-1', 'https://my-bucket.s3.cn-north-1.amazonaws.com.cn/a'],
    ['cn-northwest-1', 'https://s3.cn-north-1.amazonaws.com.cn/my-bucket/a'],
    ['us-gov-east-1', 'https://s3-fips-us-gov-west-1.amazonaws.com/my-bucket/a'],
    ['eusc-de-east-1', 'https://my-bucket.s3.eusc-de-east-1.amazonaws.eu/a'],
  ])('in %s', (region, url) => {
    expect(toCdnUrl(url, { ...RULES, region })).toBe(`${CDN}/a`);
    // The same name in another partition is somebody else's bucket.
    expect(toCdnUrl(url, RULES)).toBe(url);
    const here = 'https://my-bucket.s3.eu-central-1.amazonaws.com/a';
    expect(toCdnUrl(here, { ...RULES, region })).toBe(here);
  });

  test.each([
    ['path style', 'http://localhost:4002/my-bucket/a%20b'],
    ['virtual-hosted', 'http://my-bucket.localhost:4002/a%20b'],
  ])('of what stands in for S3, %s', (_what, url) => {
    const rules = { ...RULES, endpoint: 'http://localhost:4002' };
    expect(toCdnUrl(url, rules)).toBe(`${CDN}/a%20b`);
    expect(toCdnUrl(url, RULES)).toBe(url);
    const neighbour = 'http://localhost:4001/my-bucket/a';
    expect(toCdnUrl(neighbour, rules)).toBe(neighbour);
  });
});

describe('stays as it is, letter by letter:', () => {
  test.each([
    // Other buckets
    ['another bucket', 'https://other.s3.amazonaws.com/my-bucket/a'],
    ['another bucket, path style', 'https://s3.amazonaws.com/other/my-bucket/a'],
    ['a bucket with a longer name', 'https://not-my-bucket.s3.amazonaws.com/a'],
    ['a bucket with a longer name behind', 'https://my-bucket-2.s3.amazonaws.com/a'],
    ['a bucket with a dot before', 'https://x.my-bucket.s3.amazonaws.com/a'],
    ['a bucket with a dot behind', 'https://my-bucket.x.s3.amazonaws.com/a'],
    ['a longer name, path style', 'https://s3.amazonaws.com/my-bucket2/a'],
    ['another case, path style', 'https://s3.amazonaws.com/My-Bucket/a'],
    ['another bucket, signed', 'https://other.s3.amazonaws.com/a?X-Amz-Signature=b'],
    ['another bucket, odd encoding', 'https://other.s3.amazonaws.com/a+b c/%e9?x=%zz#'],
    ['an empty bucket', 'https://s3.amazonaws.com//my-bucket/a'],
    [
      'an access point',
      'https://my-bucket-123456789012.s3-accesspoint.eu-central-1.amazonaws.com/a',
    ],
    // Other sites
    ['another site', 'https://images.example.com/my-bucket/a.jpg'],
    ['a site that only begins like S3', 'https://my-bucket.s3.amazonaws.com.evil.com/a'],
    ['a site that only ends like S3', 'https://my-bucket.s3.notamazonaws.com/a'],
    ['a site named like the bucket', 'https://my-bucket.evil.com/a'],
    [
      'a service of AWS with s3 in its name',
      'https://s3-control.eu-central-1.amazonaws.com/my-bucket/a',
    ],
    [
      'accelerate, path style: there is no such thing',
      'https://s3-accelerate.amazonaws.com/my-bucket/a',
    ],
    [
      'a website, path style: there is no such thing',
      'http://s3-website-eu-west-1.amazonaws.com/my-bucket/a',
    ],
    ['no region', 'https://my-bucket.s3.nowhere.amazonaws.com/a'],
    ['China without its own top level', 'https://my-bucket.s3.cn-north-1.amazonaws.com/a'],
    ['Europe with that of China', 'https://my-bucket.s3.eu-central-1.amazonaws.com.cn/a'],
    ['no region in China', 'https://my-bucket.s3.amazonaws.com.cn/a'],
    ['the S3 URL in a query', 'https://example.com/?u=https://my-bucket.s3.amazonaws.com/a'],
    ['the S3 host as a login', 'https://my-bucket.s3.amazonaws.com@evil.com/a'],
    ['an upper-case site without a path', 'HTTP://EXAMPLE.com'],
    // The CDN
    ['a CDN URL', 'https://cdn.example.com/uploads/wishlist/a%20b.jpg?v=1'],
    ['a signed CDN URL', 'https://cdn.example.com/ingest/x?Expires=1&Signature=s&Key-Pair-Id=k'],
    // Our bucket, but nothing to show
    ['a login', 'https://user:password@my-bucket.s3.amazonaws.com/a'],
    ['the bucket itself', 'https://my-bucket.s3.amazonaws.com'],
    ['the bucket itself, path style', 'https://s3.amazonaws.com/my-bucket/'],
    ['a listing', 'https://my-bucket.s3.amazonaws.com/?prefix=a'],
    ['only slashes', 'https://my-bucket.s3.amazonaws.com///'],
    ['broken percent-encoding', 'https://my-bucket.s3.amazonaws.com/a%zz'],
    ['a percent sign alone', 'https://my-bucket.s3.amazonaws.com/100%'],
    ['Latin-1', 'https://my-bucket.s3.amazonaws.com/caf%E9'],
    ['dots that no browser resolves', 'https://my-bucket.s3.amazonaws.com/a/..%2Fb'],
    ['a key that is too long', `https://my-bucket.s3.amazonaws.com/${'a'.repeat(1025)}`],
    // No URL
    ['a key', 'uploads/wishlist/1.jpg'],
    ['a path', '/uploads/wishlist/1.jpg'],
    ['a host without a scheme', 'my-bucket.s3.amazonaws.com/a'],
    ['a relative URL with a host', '//my-bucket.s3.amazonaws.com/a'],
    ['another scheme', 's3://my-bucket/a'],
    ['FTP', 'ftp://my-bucket.s3.amazonaws.com/a'],
    ['a script', 'javascript:alert("my-bucket.s3.amazonaws.com")'],
    ['a data URL', 'data:image/png;base64,AAAA'],
    ['an ARN', 'arn:aws:s3:::my-bucket/a'],
    ['words', 'see https://my-bucket.s3.amazonaws.com/a'],
    ['nothing', ''],
    ['a space', ' '],
    ['no host', 'https://'],
    ['a broken host', 'https://my bucket.s3.amazonaws.com/a'],
  ])('%s', (_what, text) => {
    expect(toCdnUrl(text, RULES)).toBe(text);
    expect(objectKeyOfUrl(text, RULES)).toBeNull();
  });

  test('null', () => {
    expect(toCdnUrl(null, RULES)).toBeNull();
    expect(objectKeyOfUrl(null, RULES)).toBeNull();
  });
});
