import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type AuditJobId, noStats } from '../../../src/domain/format-audit.ts';
import type { ImageId } from '../../../src/domain/image-id.ts';
import { FAILURE_REASONS } from '../../../src/domain/image-status.ts';
import {
  EVENT_LEVELS,
  type EventFields,
  type EventName,
} from '../../../src/shared/telemetry/events.ts';
import { createRecentMax } from '../../../src/shared/telemetry/recent-max.ts';
import { createTelemetry, type Telemetry } from '../../../src/shared/telemetry/telemetry.ts';
import { type CapturedLog, captureLog } from '../../support/log.ts';
import { metricsOf } from '../../support/metrics.ts';

const imageId = '01ARZ3NDEKTSV4RRFFQ69G5FAV' as ImageId;
const change = { imageId, contentType: 'image/png', from: 'pending', ageMs: 2_000 } as const;
const jobId = 'mig_20260120_001' as AuditJobId;
const message = { messageId: 'm-1', receiveCount: 2 };

/** Every event, and the one series that it adds to. */
const EVENTS: { [Name in EventName]: [EventFields[Name], string] } = {
  'ingest.url_created': [
    { imageId, contentType: 'image/avif', via: 'form' },
    'media_ingest_urls_created_total{content_type="image/avif",via="form"}',
  ],
  'image.status_changed': [
    { ...change, to: 'failed', reason: 'UNDECODABLE' },
    'media_image_status_changes_total{to="failed",reason="UNDECODABLE",content_type="image/png"}',
  ],
  'ingest.duplicate': [{ imageId }, 'media_ingest_duplicates_total'],
  'ingest.overwrite_refused': [
    { imageId, versionId: 'v2' },
    'media_ingest_overwrites_refused_total',
  ],
  'ingest.already_failed': [{ imageId, versionId: null }, 'media_ingest_already_failed_total'],
  'ingest.deleted_meanwhile': [
    { imageId, versionId: 'v1' },
    'media_ingest_deleted_meanwhile_total',
  ],
  'ingest.foreign': [{}, 'media_ingest_foreign_total'],
  'message.retried': [
    { ...message, err: new Error('no database') },
    'media_messages_retried_total{receive_count="2"}',
  ],
  'message.dead_lettered': [
    { ...message, reason: 'the message is not JSON' },
    'media_messages_dead_lettered_total',
  ],
  'image.reaped': [
    { imageId, outcome: 'never_uploaded', ageMs: 90_000_000 },
    'media_images_reaped_total{outcome="never_uploaded"}',
  ],
  'ingest.orphan_deleted': [
    { imageId: null, ageMs: 90_000_000 },
    'media_ingest_orphans_deleted_total',
  ],
  'image.deleted': [{ imageId }, 'media_images_deleted_total'],
  'image.deletion_finished': [{ imageId, ageMs: 2_000 }, 'media_image_deletions_finished_total'],
  'audit.started': [{ jobId, stage: 2, dryRun: true }, 'media_audit_jobs_started_total{stage="2"}'],
  'audit.page_done': [
    { jobId, stage: 1, dryRun: false, ...noStats(), processed: 7, fixed: 1, seconds: 0.5 },
    'media_audit_objects_total{stage="1",outcome="fixed",dry_run="false"}',
  ],
  'audit.finished': [
    { jobId, stage: 3, status: 'cancelled', ...noStats() },
    'media_audit_jobs_finished_total{stage="3",status="cancelled"}',
  ],
};

const names = Object.keys(EVENTS) as EventName[];

let telemetry: Telemetry;
let log: CapturedLog;

beforeEach(() => {
  telemetry = createTelemetry();
  log = captureLog();
});

function emit<Name extends EventName>(name: Name): void {
  telemetry.emit(name, EVENTS[name][0], log.logger);
}

describe('an event', () => {
  test.each(names)('%s is one line, at its level, with its fields', (name) => {
    emit(name);
    const { err: _stack, ...fields }: Record<string, unknown> = { ...EVENTS[name][0] };
    expect(log.lines).toEqual([
      expect.objectContaining({ msg: name, level: EVENT_LEVELS[name], ...fields }),
    ]);
  });

  test.each(names)('%s counts in one series, which was there before', async (name) => {
    const [, series] = EVENTS[name];
    const before = await metricsOf(telemetry);
    expect(before.get(series)).toBe(0);
    emit(name);
    const after = await metricsOf(telemetry);
    const changed = [...after].filter(([key, value]) => before.get(key) !== value);
    const counters = changed.filter(([key]) => /_total\b/.test(key));
    expect(counters).toEqual([[series, 1]]);
  });

  test('has the fields of the logger that it is given', () => {
    telemetry.emit('ingest.duplicate', { imageId }, log.logger.child({ messageId: 'm-7' }));
    expect(log.lines).toMatchObject([{ messageId: 'm-7', imageId }]);
  });

  test('of another telemetry counts there', async () => {
    createTelemetry().emit('ingest.foreign', {}, log.logger);
    expect((await metricsOf(telemetry)).get('media_ingest_foreign_total')).toBe(0);
  });
});

describe('a change of status', () => {
  test('is timed from the creation of the record, by where it led', async () => {
    telemetry.emit('image.status_changed', { ...change, to: 'ready', reason: null }, log.logger);
    const metrics = await metricsOf(telemetry);
    expect(metrics.get('media_image_settle_seconds_sum{to="ready"}')).toBe(2);
    expect(metrics.get('media_image_settle_seconds_count{to="failed"}')).toBe(0);
    expect(metrics.get('media_image_settle_seconds_bucket{le="1",to="ready"}')).toBe(0);
    expect(metrics.get('media_image_settle_seconds_bucket{le="2.5",to="ready"}')).toBe(1);
  });

  test('has a series a content type for ready and each reason, and no other', async () => {
    const series = [...(await metricsOf(telemetry)).keys()].filter((key) =>
      key.startsWith('media_image_status_changes_total'),
    );
    expect(series).toHaveLength(5 * (1 + Object.keys(FAILURE_REASONS).length));
    expect(series.filter((key) => key.includes('to="ready"'))).toHaveLength(5);
  });
});

test('receive counts beyond the usual share a series', async () => {
  for (const receiveCount of [5, 6, 1000]) {
    telemetry.emit('message.retried', { ...message, receiveCount, err: null }, log.logger);
  }
  const metrics = await metricsOf(telemetry);
  expect(metrics.get('media_messages_retried_total{receive_count="5+"}')).toBe(3);
});

test('requests: methods, statuses and routes stay few whatever callers send', async () => {
  const request = { method: 'GET', route: '/a', status: 200, seconds: 0.01 };
  telemetry.requestFinished(request);
  telemetry.requestFinished({ ...request, status: 204 });
  telemetry.requestFinished({ ...request, status: null });
  telemetry.requestFinished({ ...request, method: 'PROPFIND' });
  for (let index = 0; index < 1_000; index += 1) {
    telemetry.requestFinished({ ...request, route: `/made-up/${index}` });
  }
  const metrics = await metricsOf(telemetry);
  const count = (labels: string) => metrics.get(`http_request_duration_seconds_count{${labels}}`);
  expect(count('method="GET",route="/a",status="2xx"')).toBe(2);
  expect(count('method="GET",route="/a",status="aborted"')).toBe(1);
  expect(count('method="other",route="/a",status="2xx"')).toBe(1);
  expect(count('method="GET",route="other",status="2xx"')).toBe(801);
});

describe('the queue', () => {
  const depth = { visible: 3, inFlight: 2, delayed: 1 };
  const empty = { visible: 0, inFlight: 0, delayed: 0 };

  test('is asked by a scrape, but not by each of many', async () => {
    const clock = jest.spyOn(performance, 'now').mockReturnValue(1_000_000);
    try {
      const depths = jest.fn(async () => ({ media: depth, dead_letters: empty }));
      telemetry.watchQueue({ depths, inWork: () => 4, logger: log.logger });
      expect(depths).not.toHaveBeenCalled();
      const metrics = await metricsOf(telemetry);
      expect(metrics.get('media_queue_messages{queue="media",state="visible"}')).toBe(3);
      expect(metrics.get('media_queue_messages{queue="media",state="in_flight"}')).toBe(2);
      expect(metrics.get('media_queue_messages{queue="dead_letters",state="visible"}')).toBe(0);
      expect(metrics.get('media_messages_in_work')).toBe(4);
      clock.mockReturnValue(1_014_999);
      await metricsOf(telemetry);
      expect(depths).toHaveBeenCalledTimes(1);
      clock.mockReturnValue(1_015_000);
      await Promise.all([metricsOf(telemetry), metricsOf(telemetry)]);
      expect(depths).toHaveBeenCalledTimes(2);
    } finally {
      clock.mockRestore();
    }
  });

  test('that does not tell has no numbers: not the last ones, not zero', async () => {
    const clock = jest.spyOn(performance, 'now').mockReturnValue(1_000_000);
    try {
      const depths = jest
        .fn<() => Promise<{ media: typeof depth; dead_letters: typeof depth }>>()
        .mockResolvedValueOnce({ media: depth, dead_letters: empty })
        .mockRejectedValueOnce(new Error('access denied'));
      telemetry.watchQueue({ depths, inWork: () => 0, logger: log.logger });
      await metricsOf(telemetry);
      clock.mockReturnValue(1_020_000);
      const metrics = await metricsOf(telemetry);
      expect([...metrics.keys()].filter((key) => key.startsWith('media_queue_messages'))).toEqual(
        [],
      );
      expect(log.lines).toMatchObject([{ msg: 'queue.depth_unknown', level: 'warn' }]);
    } finally {
      clock.mockRestore();
    }
  });
});

test('the greatest of late is remembered for one to two windows', () => {
  let now = 0;
  const max = createRecentMax(60_000, () => now);
  expect(max.read()).toBe(0);
  max.record(7);
  max.record(3);
  expect(max.read()).toBe(7);
  now = 60_000;
  max.record(5);
  expect(max.read()).toBe(7);
  now = 120_000;
  expect(max.read()).toBe(5);
  now = 400_000;
  expect(max.read()).toBe(0);
});
