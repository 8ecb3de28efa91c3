import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { DomainError } from '../../../src/domain/domain-error.ts';
import { parseS3Event } from '../../../src/features/ingest/s3-event.ts';
import { eventRecord } from '../../support/s3-events.ts';

const RUNS = Number(process.env.FUZZ_RUNS ?? 300);

/** Either an event, sound in all its parts, or MALFORMED_EVENT; nothing else ever. */
function expectEventOrRefusal(body: string): void {
  let event: ReturnType<typeof parseS3Event>;
  try {
    event = parseS3Event(body);
  } catch (error) {
    expect(error).toBeInstanceOf(DomainError);
    expect(error).toMatchObject({ code: 'MALFORMED_EVENT' });
    return;
  }
  expect(event.malformedRecords).toBeGreaterThanOrEqual(0);
  for (const { bucket, key, versionId, etag } of event.uploads) {
    expect([typeof bucket, typeof key]).toEqual(['string', 'string']);
    expect(versionId === null || versionId.length > 0).toBe(true);
    expect(etag === null || etag.length > 0).toBe(true);
  }
}

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  fc.uint8Array({ maxLength: 500 }).map((bytes) => Buffer.from(bytes).toString('utf8')),
);

const anyRecord = fc
  .record({
    key: fc.oneof(fc.string(), fc.string().map(encodeURIComponent), fc.constant('ingest/a%2Fb+c')),
    versionId: fc.option(fc.string()),
    etag: fc.string(),
    bucket: fc.string(),
    eventName: fc.constantFrom(
      'ObjectCreated:Put',
      's3:ObjectCreated:Post',
      'ObjectRemoved:Delete',
    ),
  })
  .map(eventRecord);

/** A real event, as JSON, with any value in any one of its places. */
const almostAnEvent = fc
  .tuple(fc.array(anyRecord, { minLength: 1, maxLength: 3 }), fc.nat(), fc.jsonValue())
  .map(([Records, place, value]) => {
    let index = 0;
    const count = JSON.stringify({ Records }, (_key, inner) => {
      index += 1;
      return inner;
    });
    const chosen = count ? place % index : 0;
    index = 0;
    return JSON.stringify({ Records }, (_key, inner) => {
      index += 1;
      return index - 1 === chosen ? value : inner;
    });
  });

test('any text', () => {
  fc.assert(fc.property(anyText, expectEventOrRefusal), { numRuns: RUNS });
});

test('any JSON', () => {
  fc.assert(fc.property(fc.json(), expectEventOrRefusal), { numRuns: RUNS });
  const wrapped = fc.jsonValue().map((value) => JSON.stringify({ Records: value }));
  fc.assert(fc.property(wrapped, expectEventOrRefusal), { numRuns: RUNS });
  const listed = fc.array(fc.jsonValue()).map((Records) => JSON.stringify({ Records }));
  fc.assert(fc.property(listed, expectEventOrRefusal), { numRuns: RUNS });
});

test('real events with one thing changed', () => {
  fc.assert(fc.property(almostAnEvent, expectEventOrRefusal), { numRuns: RUNS });
});

test('real events cut, or with a character changed', () => {
  const damaged = fc
    .tuple(fc.array(anyRecord, { maxLength: 2 }), fc.nat(), fc.string({ maxLength: 3 }))
    .map(([Records, place, text]) => {
      const body = JSON.stringify({ Records });
      const at = place % body.length;
      return text === '' ? body.slice(0, at) : body.slice(0, at) + text + body.slice(at + 1);
    });
  fc.assert(fc.property(damaged, expectEventOrRefusal), { numRuns: RUNS });
});

test('no key is lost: whatever was encoded comes back', () => {
  const wellFormed = fc.string({ unit: 'binary' }).filter((key) => key.isWellFormed());
  fc.assert(
    fc.property(wellFormed, (key) => {
      const encoded = encodeURIComponent(key).replaceAll('%20', '+');
      const body = JSON.stringify({ Records: [eventRecord({ key: encoded })] });
      expect(parseS3Event(body).uploads).toEqual([expect.objectContaining({ key })]);
    }),
    { numRuns: RUNS },
  );
});

test('depth and length are no trouble', () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  expectEventOrRefusal(deep);
  expectEventOrRefusal(`{"Records":${deep}}`);
  expectEventOrRefusal(`{"Records":[${'{},'.repeat(50_000)}{}]}`);
  expectEventOrRefusal(JSON.stringify({ Records: [eventRecord({ key: '%'.repeat(200_000) })] }));
});
