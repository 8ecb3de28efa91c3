import { Gauge, type Registry } from 'prom-client';
import { type Admission, SHED_REASONS, type ShedReason } from '../admission.ts';
import { boundedCounter, everyCombination } from './bounded-metrics.ts';

export interface AdmissionMetrics {
  requestShed(reason: ShedReason): void;
}

/** Counts who is refused; how many are in and wait is read off at a scrape. */
export function createAdmissionMetrics(
  registry: Registry,
  admission: Pick<Admission, 'inFlight' | 'waiting'>,
): AdmissionMetrics {
  const shed = boundedCounter({
    registry,
    name: 'http_requests_shed_total',
    help: 'Requests refused with 503 because the process had more than it can do.',
    ...everyCombination({ reason: SHED_REASONS }),
  });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      ...{ name, help, registers: [registry] },
      collect() {
        this.set(read());
      },
    });
  gauge('http_requests_in_flight', 'Requests being answered, streams aside.', admission.inFlight);
  gauge('http_requests_waiting', 'Requests waiting to be let in.', admission.waiting);
  return { requestShed: (reason) => shed(reason) };
}
