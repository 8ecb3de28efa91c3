import { expect, test } from '@jest/globals';
import { copyInput, keptAttributes } from '../../../src/shared/object-store/copy-input.ts';
import { failureOf, failureOfCode } from '../../../src/shared/object-store/failures.ts';

const NOW = new Date('2026-02-22T10:00:00Z');
const KEPT = {
  Metadata: { a: '1' },
  CacheControl: 'max-age=1',
  ContentDisposition: 'inline',
  ContentEncoding: 'gzip',
  ContentLanguage: 'de',
  WebsiteRedirectLocation: '/x',
  StorageClass: 'STANDARD_IA',
  ServerSideEncryption: 'aws:kms',
  SSEKMSKeyId: 'key-1',
  BucketKeyEnabled: true,
  ObjectLockMode: 'GOVERNANCE',
  ObjectLockRetainUntilDate: new Date('2027-01-01T00:00:00Z'),
  ObjectLockLegalHoldStatus: 'ON',
} as const;

test('a copy says everything again, guarded by the ETag at both ends', () => {
  const found = { ...KEPT, ContentType: 'image/png', ETag: '"e"', ContentLength: 12 };
  const input = copyInput({
    bucket: 'b',
    from: { key: 'dir/a+b ü.png', etag: 'e' },
    toKey: 'dir/a+b ü.png',
    contentType: 'image/jpeg',
    kept: keptAttributes(found, NOW),
  });
  expect(input).toEqual({
    ...KEPT,
    Bucket: 'b',
    Key: 'dir/a+b ü.png',
    CopySource: 'b/dir/a%2Bb%20%C3%BC.png',
    CopySourceIfMatch: '"e"',
    IfMatch: '"e"',
    MetadataDirective: 'REPLACE',
    TaggingDirective: 'COPY',
    ContentType: 'image/jpeg',
  });
});

test('a copy to another key only ever makes a new object', () => {
  const from = { key: 'thumb_a.png', etag: 'e' };
  const copy = { bucket: 'b', from, toKey: 'thumb_a.jpg', contentType: 'image/jpeg', kept: {} };
  const input = copyInput(copy);
  expect(input).toMatchObject({ Key: 'thumb_a.jpg', CopySourceIfMatch: '"e"', IfNoneMatch: '*' });
  expect(input).not.toHaveProperty('IfMatch');
});

test('a retention that is over is not said again: the store would refuse it', () => {
  const kept = keptAttributes(KEPT, new Date('2027-01-01T00:00:00Z'));
  expect(kept).not.toHaveProperty('ObjectLockMode');
  expect(kept).not.toHaveProperty('ObjectLockRetainUntilDate');
  expect(kept.ObjectLockLegalHoldStatus).toBe('ON');
});

const answered = (name: string, httpStatusCode: number) => ({
  name,
  $metadata: { httpStatusCode },
});

test.each([
  [answered('SlowDown', 503), 'busy', 'the store answered SlowDown'],
  [answered('Unknown', 503), 'busy', 'the store answered 503'],
  [answered('Unknown', 429), 'busy', 'the store answered 429'],
  [answered('InternalError', 500), 'fault', 'the store answered InternalError'],
  // The SDK says so where CopyObject has begun with 200 and ended with an error.
  [answered('InternalError', 200), 'fault', 'the store answered InternalError'],
  [answered('RequestTimeout', 400), 'fault', 'the store answered RequestTimeout'],
  [{ name: 'TimeoutError' }, 'away', 'the store did not answer'],
  [{ code: 'ECONNREFUSED', message: '10.0.0.1:443' }, 'away', 'the store did not answer'],
  [{ name: 'CredentialsProviderError' }, 'locked', 'the store answered CredentialsProviderError'],
  [answered('ExpiredToken', 400), 'locked', 'the store answered ExpiredToken'],
  [answered('NoSuchBucket', 404), 'locked', 'the store answered NoSuchBucket'],
  [answered('NoSuchKey', 404), 'missing', 'the store answered NoSuchKey'],
  [answered('PreconditionFailed', 412), 'changed', 'it was replaced meanwhile'],
  [answered('ConditionalRequestConflict', 409), 'changed', 'it was replaced meanwhile'],
  [answered('AccessDenied', 403), 'refused', 'AccessDenied'],
  [answered('InvalidObjectState', 403), 'refused', 'it is archived: restore it first'],
  [answered('some-bucket.example.com', 400), 'refused', 'the store answered 400'],
])('%j is %s', (error, kind, reason) => {
  expect(failureOf(error).kind).toBe(kind);
  expect(failureOf(error).reason).toContain(reason);
});

test.each([
  ['PreconditionFailed', 'changed'],
  ['NoSuchKey', 'missing'],
  ['AccessDenied', 'refused'],
  ['InternalError', 'fault'],
  ['SlowDown', 'busy'],
])('%s of one of many objects is %s', (code, kind) => {
  expect(failureOfCode(code).kind).toBe(kind);
});
