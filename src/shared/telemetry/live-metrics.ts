import { Counter, Gauge, type Registry } from 'prom-client';

/** What is told of streams, whose duration says nothing about the service. */
export interface LiveMetrics {
  streamOpened(): void;
  streamClosed(): void;
  /** There were too many. */
  streamRefused(): void;
  eventSent(): void;
}

export function createLiveMetrics(registry: Registry): LiveMetrics {
  const registers = [registry];
  const streams = new Gauge({
    name: 'media_live_streams',
    help: 'Streams that are open at this process.',
    registers,
  });
  const refused = new Counter({
    name: 'media_live_streams_refused_total',
    help: 'Streams refused because too many were open.',
    registers,
  });
  const events = new Counter({
    name: 'media_live_events_total',
    help: 'Images told on streams.',
    registers,
  });
  return {
    streamOpened: () => streams.inc(),
    streamClosed: () => streams.dec(),
    streamRefused: () => refused.inc(),
    eventSent: () => events.inc(),
  };
}
