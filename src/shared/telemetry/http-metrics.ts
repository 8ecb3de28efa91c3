import { Counter, Histogram, type Registry } from 'prom-client';

export interface FinishedRequest {
  method: string;
  /** The pattern of the route, such as `/api/image/v1/serve/get-signed-url/:imageId`. */
  route: string;
  /** The HTTP status; null where the caller hung up before the answer was out. */
  status: number | null;
  seconds: number;
}

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const STATUS_CLASSES = ['aborted', '1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/** A fault in naming routes must not cost the memory of process and Prometheus. */
const MAX_ROUTES = 200;

type Series = Pick<Histogram.Internal<string>, 'observe'>;

/** Labels of a series are looked up once; after that, a request costs three lookups and a sum. */
export function createRequestMetrics(registry: Registry): (request: FinishedRequest) => void {
  const histogram = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'From a request’s first line to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS,
    registers: [registry],
  });
  const known = new Map<string, Map<string, Series[]>>();

  return ({ method: given, route: pattern, status, seconds }) => {
    const method = METHODS.has(given) ? given : 'other';
    const route = known.has(pattern) || known.size < MAX_ROUTES ? pattern : 'other';
    const byMethod = getOrAdd(known, route, () => new Map<string, Series[]>());
    const byStatus = getOrAdd(byMethod, method, () => []);
    const index = status === null ? 0 : Math.trunc(status / 100);
    byStatus[index] ??= histogram.labels(method, route, STATUS_CLASSES[index] ?? 'other');
    byStatus[index].observe(seconds);
  };
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}

export const OPERATION_TYPES = ['query', 'mutation', 'subscription', 'invalid'] as const;
export type OperationType = (typeof OPERATION_TYPES)[number];

/** `invalid` is what could not be parsed, validated or found in its document. */
export function createOperationMetrics(
  registry: Registry,
): (type: OperationType, hasErrors: boolean) => void {
  const counter = new Counter({
    name: 'graphql_operations_total',
    help: 'GraphQL operations by type, and whether their answer has errors.',
    labelNames: ['type', 'outcome'],
    registers: [registry],
  });
  const series = new Map(
    OPERATION_TYPES.map((type) => {
      for (const outcome of ['ok', 'error']) counter.inc({ type, outcome }, 0);
      return [type, { ok: counter.labels(type, 'ok'), error: counter.labels(type, 'error') }];
    }),
  );
  return (type, hasErrors) => series.get(type)?.[hasErrors ? 'error' : 'ok'].inc();
}
