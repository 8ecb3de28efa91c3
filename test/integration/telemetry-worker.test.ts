import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { startWorker, type Worker } from '../../src/app/worker.ts';
import { ingestKey } from '../../src/domain/object-keys.ts';
import { loadWorkerConfig } from '../../src/shared/config.ts';
import { eventually } from '../support/eventually.ts';
import { type CapturedLog, captureLog } from '../support/log.ts';
import { type Metrics, scrape } from '../support/metrics.ts';
import { eventBody } from '../support/s3-events.ts';
import { type Surroundings, startSurroundings } from '../support/surroundings.ts';
import { drawTinyImages } from '../support/tiny-images.ts';
import { withoutDelays } from '../support/worker.ts';

const WORKER = path.resolve(import.meta.dirname, '../../src/start/worker.ts');

let surroundings: Surroundings;
let worker: Worker;
let log: CapturedLog;
let url: string;
let png: Buffer;
let before: Metrics;

beforeAll(async () => {
  surroundings = await startSurroundings();
  surroundings.proxies.sqs.judge(withoutDelays);
  png = (await drawTinyImages())['image/png'];
  log = captureLog();
  worker = startWorker(configOf({ WORKER_HTTP_PORT: '0' }), { logger: log.logger });
  const { httpPort } = await worker.started;
  url = `http://127.0.0.1:${httpPort}`;
});

beforeEach(async () => {
  log.lines.length = 0;
  before = await scrape(`${url}/metrics`);
});

afterAll(async () => {
  await worker.close();
  await surroundings.close();
});

function configOf(environment: Record<string, string>) {
  return loadWorkerConfig({
    ...surroundings.environment,
    HOST: '127.0.0.1',
    SHUTDOWN_TIMEOUT_SECS: '5',
    ...environment,
  });
}

const logged = (name: string) => log.find(({ msg }) => msg === name);

/** What the series has gained since the test began. */
async function gained(series: string): Promise<number> {
  const now = await scrape(`${url}/metrics`);
  return (now.get(series) ?? Number.NaN) - (before.get(series) ?? 0);
}

describe('events', () => {
  test('of a good image, delivered twice', async () => {
    const id = await surroundings.addRecord('image/png');
    const { versionId } = await surroundings.bucket.put(ingestKey(id), png, 'image/png');
    expect(await logged('image.status_changed')).toMatchObject({
      level: 'info',
      imageId: id,
      contentType: 'image/png',
      from: 'pending',
      to: 'ready',
      reason: null,
      ageMs: expect.any(Number),
      messageId: expect.any(String),
      receiveCount: 1,
    });
    await surroundings.queue.send(eventBody({ key: ingestKey(id), versionId }));
    expect(await logged('ingest.duplicate')).toMatchObject({ imageId: id });
    expect(
      await gained(
        'media_image_status_changes_total{to="ready",reason="none",content_type="image/png"}',
      ),
    ).toBe(1);
    expect(await gained('media_image_settle_seconds_count{to="ready"}')).toBe(1);
    expect(await gained('media_image_decode_seconds_count{content_type="image/png"}')).toBe(1);
    expect(await gained('media_ingest_duplicates_total')).toBe(1);
  });

  test('of a bad one: its change is told even if its deletion fails, and only once', async () => {
    let refused = 0;
    surroundings.proxies.s3.judge(({ method }) => {
      if (method !== 'DELETE' || refused >= 3) return 'pass';
      refused += 1;
      return { status: 500 };
    });
    const id = await surroundings.addRecord('image/jpeg');
    await surroundings.bucket.put(ingestKey(id), png, 'image/jpeg');
    expect(await logged('ingest.already_failed')).toMatchObject({ imageId: id, receiveCount: 2 });
    expect(await logged('message.retried')).toMatchObject({ level: 'warn', receiveCount: 1 });
    const changes = log.lines.filter(({ msg }) => msg === 'image.status_changed');
    expect(changes).toMatchObject([
      { imageId: id, to: 'failed', reason: 'CONTENT_TYPE_MISMATCH', receiveCount: 1 },
    ]);
    surroundings.proxies.s3.judge(() => 'pass');
    expect(await gained('media_messages_retried_total{receive_count="1"}')).toBe(1);
    expect(await gained('media_ingest_already_failed_total')).toBe(1);
    expect(
      await gained(
        'media_image_status_changes_total{to="failed",reason="CONTENT_TYPE_MISMATCH",content_type="image/jpeg"}',
      ),
    ).toBe(1);
  });

  test('of an overwrite', async () => {
    const id = await surroundings.addRecord('image/png');
    await surroundings.bucket.put(ingestKey(id), png, 'image/png');
    await logged('image.status_changed');
    const { versionId } = await surroundings.bucket.put(ingestKey(id), png, 'image/png');
    const line = await logged('ingest.overwrite_refused');
    expect(line).toMatchObject({ level: 'warn', imageId: id, versionId });
    expect(await gained('media_ingest_overwrites_refused_total')).toBe(1);
  });

  test('of what is not ours name neither bucket nor key', async () => {
    await surroundings.queue.send(eventBody({ key: 'private/salaries.xls', bucket: 'their-own' }));
    const line = await logged('ingest.foreign');
    expect(line).toMatchObject({ level: 'warn', messageId: expect.any(String) });
    expect(JSON.stringify(line)).not.toMatch(/salaries|their-own/);
    expect(await gained('media_ingest_foreign_total')).toBe(1);
  });

  test('of garbage', async () => {
    const messageId = await surroundings.queue.send('garbage');
    const line = await logged('message.dead_lettered');
    expect(line).toMatchObject({ messageId, receiveCount: 1, reason: 'the message is not JSON' });
    expect(await gained('media_messages_dead_lettered_total')).toBe(1);
  });
});

test('work in flight is counted while it is in flight', async () => {
  const { promise: open, resolve: goOn } = Promise.withResolvers<'pass'>();
  const { promise: reached, resolve: arrived } = Promise.withResolvers<void>();
  surroundings.proxies.s3.judge(({ method }) => {
    if (method !== 'GET') return 'pass';
    arrived();
    return open;
  });
  const id = await surroundings.addRecord('image/png');
  await surroundings.bucket.put(ingestKey(id), png, 'image/png');
  await reached;
  expect((await scrape(`${url}/metrics`)).get('media_messages_in_work')).toBe(1);
  goOn('pass');
  await logged('image.status_changed');
  surroundings.proxies.s3.judge(() => 'pass');
});

test('the queue’s depths are told, by one request each for several scrapes', async () => {
  const asked = () =>
    surroundings.proxies.sqs.passed.filter(({ action }) => action === 'GetQueueAttributes').length;
  const start = performance.now();
  const later = jest.spyOn(performance, 'now').mockImplementation(() => start + 15_001);
  try {
    const already = asked();
    const metrics = await scrape(`${url}/metrics`);
    await scrape(`${url}/metrics`);
    expect(asked() - already).toBe(2);
    expect(metrics.get('media_queue_messages{queue="media",state="visible"}')).toBe(0);
    // The garbage of the test above.
    expect(metrics.get('media_queue_messages{queue="dead_letters",state="visible"}')).toBe(1);
    expect(metrics.get('media_queue_oldest_message_age_seconds')).toBeGreaterThanOrEqual(0);
  } finally {
    later.mockRestore();
  }
});

describe('health', () => {
  async function health(what: string) {
    const response = await fetch(`${url}/health/${what}`);
    return { status: response.status, json: await response.json() };
  }
  const OK = { status: 200, json: { status: 'ok' } };

  test('all is well', async () => {
    expect(await health('liveness')).toEqual(OK);
    await eventually(async () => expect(await health('readiness')).toEqual(OK));
  });

  test.each(['s3', 'sqs', 'database'] as const)(
    'without %s the worker is not ready, but alive',
    async (part) => {
      const name = { s3: 'object store', sqs: 'queue', database: 'database' }[part];
      const { s3, sqs, database } = surroundings.proxies;
      if (part === 's3') s3.judge(() => 'cut');
      if (part === 'sqs') sqs.judge(() => 'cut');
      if (part === 'database') database.goAway();
      // Not at once on a machine that pauses: what does not answer within two seconds is down, too.
      await eventually(async () =>
        expect(await health('readiness')).toEqual({
          status: 503,
          json: {
            status: 'unavailable',
            message: `not ready: ${name} down`,
            code: 'NOT_READY',
            down: [name],
          },
        }),
      );
      expect(await health('liveness')).toEqual(OK);
      s3.judge(() => 'pass');
      sqs.judge(withoutDelays);
      if (part === 'database') database.comeBack();
      await eventually(async () => expect(await health('readiness')).toEqual(OK));
    },
  );

  test('a loop that does not come round any more is not alive', async () => {
    const { promise: never, resolve: release } = Promise.withResolvers<'pass'>();
    const { promise: polling, resolve: polled } = Promise.withResolvers<void>();
    surroundings.proxies.sqs.judge(({ action }) => {
      if (action !== 'ReceiveMessage') return 'pass';
      polled();
      return never;
    });
    await polling;
    expect(await health('liveness')).toEqual(OK);
    const start = performance.now();
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => start + 121_000);
    try {
      expect(await health('liveness')).toEqual({
        status: 503,
        json: {
          status: 'unavailable',
          message: 'not alive: work has come to a standstill',
          code: 'NOT_ALIVE',
        },
      });
    } finally {
      clock.mockRestore();
      release('pass');
      surroundings.proxies.sqs.judge(withoutDelays);
    }
  });
});

describe('WORKER_HTTP_PORT', () => {
  test('that is taken ends the process, with words that say which', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const { port } = squatter.address() as AddressInfo;
    try {
      const child = spawn(process.execPath, [WORKER], {
        env: {
          ...process.env,
          ...surroundings.environment,
          HOST: '127.0.0.1',
          WORKER_HTTP_PORT: String(port),
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const [output, complaints, [status]] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, 'close'),
      ]);
      expect(status).toBe(1);
      expect(complaints).toContain(
        `WORKER_HTTP_PORT: cannot listen on 127.0.0.1:${port}, somebody else listens there`,
      );
      expect(output).not.toContain('worker.started');
    } finally {
      squatter.close();
      await once(squatter, 'close');
    }
  });

  test('that is not set opens no port', async () => {
    const { logger, lines } = captureLog();
    const quiet = startWorker(configOf({ WORKER_HTTP_PORT: 'off' }), { logger });
    expect(await quiet.started).toEqual({ httpPort: null });
    expect(lines.map(({ msg }) => msg)).toContain('worker.started');
    expect(lines.map(({ msg }) => msg)).not.toContain('metrics.listening');
    await quiet.close();
  });
});
