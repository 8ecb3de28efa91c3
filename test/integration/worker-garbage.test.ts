import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ingestKey } from '../../src/domain/object-keys.ts';
import { eventBody, eventRecord } from '../support/s3-events.ts';
import { drawTinyImages } from '../support/tiny-images.ts';
import {
  startTestWorker,
  type TestWorker,
  visibilityChanges,
  withoutDelays,
} from '../support/worker.ts';

let worker: TestWorker;
let png: Buffer;

beforeAll(async () => {
  png = (await drawTinyImages())['image/png'];
  worker = await startTestWorker({ notify: false });
  worker.proxies.sqs.judge(withoutDelays);
});
afterAll(() => worker.close());

const NOT_JSON = 'the message is not JSON';
const NOT_AN_EVENT = 'the message is not an S3 event';
const ONE_MALFORMED = '1 records are malformed';

const record = eventRecord({ key: 'ingest/x' });

test.each([
  ['not JSON', 'hello', NOT_JSON],
  ['half of an event', eventBody({ key: 'ingest/x' }).slice(0, -3), NOT_JSON],
  ['spaces', '   ', NOT_JSON],
  ['JSON null', 'null', NOT_AN_EVENT],
  ['a number', '42', NOT_AN_EVENT],
  ['a text', '"s3:TestEvent"', NOT_AN_EVENT],
  ['an array', '[]', NOT_AN_EVENT],
  ['an empty object', '{}', NOT_AN_EVENT],
  ['another event', '{"Event":"s3:OtherEvent"}', NOT_AN_EVENT],
  ['records that are an object', '{"Records":{"length":1}}', NOT_AN_EVENT],
  ['records that are null', '{"Records":null}', NOT_AN_EVENT],
  ['an event within a notification of SNS', JSON.stringify({ Message: eventBody() }), NOT_AN_EVENT],
  ['a record that is null', '{"Records":[null]}', ONE_MALFORMED],
  ['a record without fields', '{"Records":[{}]}', ONE_MALFORMED],
  ['a record without s3', JSON.stringify({ Records: [{ ...record, s3: {} }] }), ONE_MALFORMED],
  ['a key that is a number', JSON.stringify(withObject({ key: 7 })), ONE_MALFORMED],
  [
    'a version that is a number',
    JSON.stringify(withObject({ key: 'k', versionId: 7 })),
    ONE_MALFORMED,
  ],
  ['broken percent-encoding', eventBody({ key: 'ingest/%E0%A4%A' }), ONE_MALFORMED],
  ['percent-encoding that is not UTF-8', eventBody({ key: 'ingest/%FF' }), ONE_MALFORMED],
  ['200 KB of nonsense', randomBytes(100_000).toString('hex'), NOT_JSON],
  ['arrays, 10,000 deep', '['.repeat(10_000) + ']'.repeat(10_000), NOT_AN_EVENT],
])('%s becomes a dead letter at once', async (_, body, reason) => {
  worker.proxies.sqs.passed.length = 0;
  const lines = await worker.handled(body);
  expect(lines).toMatchObject([{ msg: 'message.dead_lettered', receiveCount: 1, reason }]);
  expect(visibilityChanges(worker.proxies.sqs.passed)).toEqual([]);
  const [letter, ...others] = await worker.queue.takeDeadLetters();
  expect(others).toEqual([]);
  expect(letter?.Body).toBe(body);
  expect(letter?.MessageAttributes).toMatchObject({
    Reason: { DataType: 'String', StringValue: reason },
    OriginalMessageId: { DataType: 'String', StringValue: lines[0]?.messageId },
  });
});

function withObject(object: object): object {
  return { Records: [{ ...record, s3: { bucket: { name: 'media' }, object } }] };
}

test('a malformed record among good ones: they have their turn, the message is kept', async () => {
  const ids = [await worker.addRecord(), await worker.addRecord()];
  const events = await Promise.all(
    ids.map(async (id) => {
      const { versionId } = await worker.bucket.put(ingestKey(id), png, 'image/png');
      return eventRecord({ key: ingestKey(id), versionId });
    }),
  );
  const body = JSON.stringify({ Records: [events[0], { s3: 'nonsense' }, events[1], null] });
  const lines = await worker.handled(body);
  expect(lines.map(({ msg }) => msg)).toEqual([
    'image.status_changed',
    'image.status_changed',
    'message.dead_lettered',
  ]);
  for (const id of ids) expect(await worker.record(id)).toMatchObject({ status: 'ready' });
  const letters = await worker.queue.takeDeadLetters();
  expect(letters).toMatchObject([
    { Body: body, MessageAttributes: { Reason: { StringValue: '2 records are malformed' } } },
  ]);
});

test('a dead-letter queue that is away loses no garbage: the message stays', async () => {
  let refused = 0;
  worker.proxies.sqs.judge((request) => {
    if (request.action !== 'SendMessage' || refused >= 2) return withoutDelays(request);
    refused += 1;
    return 'cut';
  });
  const lines = await worker.handled('garbage');
  expect(refused).toBe(2);
  expect(lines.at(-1)).toMatchObject({ msg: 'message.dead_lettered', receiveCount: 2 });
  expect((await worker.queue.takeDeadLetters()).map(({ Body }) => Body)).toEqual(['garbage']);
  worker.proxies.sqs.judge(withoutDelays);
});
