import { describe, expect, test } from '@jest/globals';
import { parseS3Event } from '../../../src/features/ingest/s3-event.ts';

function record(object: object = {}, rest: object = {}) {
  return {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    eventName: 'ObjectCreated:Put',
    s3: {
      s3SchemaVersion: '1.0',
      bucket: { name: 'media', arn: 'arn:aws:s3:::media' },
      object: {
        key: 'ingest/01A',
        size: 1,
        eTag: 'e1',
        versionId: 'v1',
        sequencer: '00',
        ...object,
      },
    },
    ...rest,
  };
}

function parse(...Records: unknown[]) {
  return parseS3Event(JSON.stringify({ Records }));
}

const UPLOAD = { bucket: 'media', key: 'ingest/01A', versionId: 'v1', etag: 'e1' };

test('a record becomes an upload', () => {
  expect(parse(record())).toEqual({ uploads: [UPLOAD], malformedRecords: 0 });
});

test('several records become several, in their order', () => {
  const { uploads } = parse(record({ key: 'a' }), record({ key: 'b' }), record({ key: 'c' }));
  expect(uploads.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
});

test.each([
  ['ingest/a', 'ingest/a'],
  ['a+b', 'a b'],
  ['a%2Bb', 'a+b'],
  ['a%20b', 'a b'],
  ['%C3%BC.png', 'ü.png'],
  ['%F0%9F%A6%8A', '🦊'],
  ['a%2Fb', 'a/b'],
  ['100%25', '100%'],
  ['', ''],
])('the key %s is %s', (key, decoded) => {
  expect(parse(record({ key })).uploads).toEqual([{ ...UPLOAD, key: decoded }]);
});

test('an unversioned bucket has no version', () => {
  const { uploads } = parse(record({ versionId: undefined, eTag: undefined }));
  expect(uploads).toEqual([{ ...UPLOAD, versionId: null, etag: null }]);
});

describe('by name of the event', () => {
  test.each([
    'ObjectCreated:Put',
    'ObjectCreated:Post',
    'ObjectCreated:Copy',
    'ObjectCreated:CompleteMultipartUpload',
    's3:ObjectCreated:Put',
  ])('%s is an upload', (eventName) => {
    expect(parse(record({}, { eventName }))).toEqual({ uploads: [UPLOAD], malformedRecords: 0 });
  });

  test.each([
    'ObjectRemoved:Delete',
    'ObjectRemoved:DeleteMarkerCreated',
    'ObjectTagging:Put',
    'ReducedRedundancyLostObject',
    'NotObjectCreated:Put',
    '',
  ])('%j is none, and nothing wrong', (eventName) => {
    expect(parse(record({}, { eventName }))).toEqual({ uploads: [], malformedRecords: 0 });
  });
});

test('the test event of S3 tells of no upload', () => {
  const event = {
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: '2026-02-22T10:00:00.000Z',
    Bucket: 'media',
    RequestId: 'x',
    HostId: 'y',
  };
  expect(parseS3Event(JSON.stringify(event))).toEqual({ uploads: [], malformedRecords: 0 });
});

test('no records are no uploads', () => {
  expect(parse()).toEqual({ uploads: [], malformedRecords: 0 });
});

test.each([
  ['no object', null],
  ['text', 'record'],
  ['without s3', { eventName: 'ObjectCreated:Put' }],
  ['without a name', record({}, { eventName: undefined })],
  ['without a key', record({ key: undefined })],
  ['with a number for a key', record({ key: 5 })],
  ['with an empty version', record({ versionId: '' })],
  ['with a key that is half an encoding', record({ key: '%C3' })],
  ['with a key that is no encoding', record({ key: '100%' })],
])('a record %s is counted, and the others are still read', (_what, malformed) => {
  expect(parse(record(), malformed, record())).toEqual({
    uploads: [UPLOAD, UPLOAD],
    malformedRecords: 1,
  });
});

test.each([
  ['', 'the message is not JSON'],
  ['{', 'the message is not JSON'],
  ['hello', 'the message is not JSON'],
  ['null', 'the message is not an S3 event'],
  ['[]', 'the message is not an S3 event'],
  ['"text"', 'the message is not an S3 event'],
  ['{}', 'the message is not an S3 event'],
  ['{"Records": {}}', 'the message is not an S3 event'],
  ['{"Event": "s3:OtherEvent"}', 'the message is not an S3 event'],
])('%j can never be understood', (body, message) => {
  expect(() => parseS3Event(body)).toThrow(
    expect.objectContaining({ code: 'MALFORMED_EVENT', message }),
  );
});
