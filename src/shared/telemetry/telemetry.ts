import { collectDefaultMetrics, Registry } from 'prom-client';
import { CONTENT_TYPES, type ContentType } from '../../domain/content-types.ts';
import type { Admission } from '../admission.ts';
import type { Logger } from '../logger.ts';
import { type AdmissionMetrics, createAdmissionMetrics } from './admission-metrics.ts';
import { boundedHistogram, everyCombination } from './bounded-metrics.ts';
import { createEventCounting } from './event-metrics.ts';
import { EVENT_LEVELS, type EventFields, type EventName } from './events.ts';
import {
  createOperationMetrics,
  createRequestMetrics,
  type FinishedRequest,
  type OperationType,
} from './http-metrics.ts';
import { createLiveMetrics, type LiveMetrics } from './live-metrics.ts';
import { createQueueMetrics, type QueueMetrics, type QueueSource } from './queue-metrics.ts';
import { readSamples, type Samples } from './samples.ts';

/** What a process tells of itself: events that are logged and counted, and measurements. */
export interface Telemetry {
  /** Counts the event and logs it, under its name, with these fields and those of the logger. */
  emit<Name extends EventName>(name: Name, fields: EventFields[Name], logger: Logger): void;
  requestFinished(request: FinishedRequest): void;
  operationFinished(type: OperationType, hasErrors: boolean): void;
  imageDecoded(contentType: ContentType, seconds: number): void;
  live: LiveMetrics;
  /** Adds the requests that are in, wait and are refused. Once at most. */
  watchAdmission(admission: Pick<Admission, 'inFlight' | 'waiting'>): AdmissionMetrics;
  /** Adds the queue to what is told. Once at most. */
  watchQueue(source: QueueSource): QueueMetrics;
  /** Adds CPU, memory, event loop and garbage collection. Once at most; observes until the end. */
  watchProcess(): void;
  /** Everything, for a process that tells it together with that of others. */
  samples(): Promise<Samples>;
  /** Everything in Prometheus' text format. */
  scrape(): Promise<{ contentType: string; body: string }>;
}

/** A corrupt file is told at once, a large AVIF takes seconds; the limit is 20 s by default. */
const DECODE_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60];

/** Each has metrics of its own, so that several may run in one process. */
export function createTelemetry(): Telemetry {
  const registry = new Registry();
  const counting = createEventCounting(registry);
  const decoded = boundedHistogram({
    registry,
    name: 'media_image_decode_seconds',
    help: 'Decoding an image and making its thumbnail, waiting for memory included.',
    buckets: DECODE_BUCKETS,
    ...everyCombination({ content_type: CONTENT_TYPES }),
  });

  return {
    emit(name, fields, logger) {
      counting[name](fields);
      const line: object = fields;
      logger[EVENT_LEVELS[name]](line, name);
    },
    requestFinished: createRequestMetrics(registry),
    operationFinished: createOperationMetrics(registry),
    imageDecoded: (contentType, seconds) => decoded(seconds, contentType),
    live: createLiveMetrics(registry),
    watchAdmission: (admission) => createAdmissionMetrics(registry, admission),
    watchQueue: (source) => createQueueMetrics(registry, source),
    watchProcess: () => collectDefaultMetrics({ register: registry }),
    samples: () => readSamples(registry),
    scrape: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  };
}
