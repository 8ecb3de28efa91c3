import type { Measured } from './measure.ts';
import type { CacheResult, Connection, Sample } from './probe.ts';

/** Milliseconds, a tenth exact. */
export interface Percentiles {
  p50: number;
  p90: number;
  p99: number;
  max: number;
}

/** The samples of one kind of connection and cache result. */
export interface Row {
  connection: Connection;
  cache: CacheResult;
  samples: number;
  first_byte_ms: Percentiles;
  total_ms: Percentiles;
  /** Medians; null for kept connections, which have only the wait. */
  parts_ms: { dns: number; tcp: number; tls: number; wait: number } | null;
  /** Null where there is no target, or it does not apply. */
  within_target: boolean | null;
}

export interface Summary {
  /** Without its query. */
  url: string;
  bytes: number | null;
  edges: string[];
  rows: Row[];
  /** How many requests failed, by status or error code. */
  errors: Record<string, number>;
}

const CONNECTIONS = ['new', 'kept'] as const;
const CACHE_RESULTS = ['miss', 'refresh', 'hit', '-'] as const;

/** The smallest value that `percent` of all are not above (nearest rank); of at least one value. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}

function percentiles(values: readonly number[]): Percentiles {
  const at = (percent: number) => rounded(percentile(values, percent));
  return { p50: at(50), p90: at(90), p99: at(99), max: at(100) };
}

function toRow(samples: readonly Sample[], first: Sample, target: number | undefined): Row {
  const { connection, cache } = first;
  const firstByte = percentiles(samples.map(({ firstByteMs }) => firstByteMs));
  const median = (part: keyof Sample['parts']) =>
    rounded(
      percentile(
        samples.map(({ parts }) => parts[part]),
        50,
      ),
    );
  return {
    connection,
    cache,
    samples: samples.length,
    first_byte_ms: firstByte,
    total_ms: percentiles(samples.map(({ totalMs }) => totalMs)),
    parts_ms:
      connection === 'new'
        ? {
            dns: median('dnsMs'),
            tcp: median('tcpMs'),
            tls: median('tlsMs'),
            wait: median('waitMs'),
          }
        : null,
    // A miss is the origin's time, not the CDN's.
    within_target: target === undefined || cache === 'miss' ? null : firstByte.p90 <= target,
  };
}

/** @param target milliseconds; undefined for what is not judged */
export function summarise(url: URL, measured: Measured, target: number | undefined): Summary {
  const { samples, failures } = measured;
  const rows = CONNECTIONS.flatMap((connection) =>
    CACHE_RESULTS.flatMap((cache) => {
      const alike = samples.filter(
        (sample) => sample.connection === connection && sample.cache === cache,
      );
      const [first] = alike;
      return first === undefined ? [] : [toRow(alike, first, target)];
    }),
  );
  const errors: Record<string, number> = {};
  for (const { reason } of failures) errors[reason] = (errors[reason] ?? 0) + 1;
  return {
    url: `${url.origin}${url.pathname}`,
    bytes: samples[0]?.bytes ?? null,
    edges: [...new Set(samples.flatMap(({ edge }) => edge ?? []))],
    rows,
    errors,
  };
}

/** Median first byte of the CDN as a share of the origin's, by connection; hits where there are any. */
export function ratios(cdn: Summary, origin: Summary): Partial<Record<Connection, number>> {
  const result: Partial<Record<Connection, number>> = {};
  for (const connection of CONNECTIONS) {
    const mine = cdn.rows.findLast((row) => row.connection === connection);
    const theirs = origin.rows.findLast((row) => row.connection === connection);
    if (mine && theirs && theirs.first_byte_ms.p50 > 0) {
      const ratio = mine.first_byte_ms.p50 / theirs.first_byte_ms.p50;
      result[connection] = Math.round(ratio * 100) / 100;
    }
  }
  return result;
}
