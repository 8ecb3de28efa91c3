import type { Connection } from './probe.ts';
import type { Percentiles, Row, Summary } from './summary.ts';

export interface Result {
  cdn: Summary;
  origin: Summary | null;
  /** First byte of the CDN / of S3, medians. */
  ratio: Partial<Record<Connection, number>> | null;
}

const NUMBER_WIDTH = 8;

function numbers({ p50, p90, p99, max }: Percentiles): string {
  return [p50, p90, p99, max].map((value) => value.toFixed(1).padStart(NUMBER_WIDTH)).join('');
}

const NAMES = ['p50', 'p90', 'p99', 'max'].map((name) => name.padStart(NUMBER_WIDTH)).join('');
const GROUP_WIDTH = NAMES.length;
const HEAD = [
  `${' '.repeat(29)}${'first byte, ms'.padStart(GROUP_WIDTH)}  ${'total, ms'.padStart(GROUP_WIDTH)}`,
  `  connection  cache    samples${NAMES.slice(1)}  ${NAMES}`,
];

function mark({ within_target: isWithin }: Row): string {
  if (isWithin === null) return '';
  return isWithin ? '  within the target' : '  OVER THE TARGET';
}

function rowLines(row: Row): string[] {
  const { connection, cache, samples, parts_ms: parts } = row;
  const what = `  ${connection.padEnd(12)}${cache.padEnd(9)}${String(samples).padStart(7)}`;
  const line = `${what}${numbers(row.first_byte_ms).slice(1)}  ${numbers(row.total_ms)}${mark(row)}`;
  if (parts === null) return [line];
  const { dns, tcp, tls, wait } = parts;
  return [line, `      p50 of its parts: name ${dns}, TCP ${tcp}, TLS ${tls}, wait ${wait}`];
}

function summaryLines({ url, bytes, edges, rows, errors }: Summary): string[] {
  const told = [
    ...(bytes === null ? [] : [`${bytes} bytes`]),
    ...(edges.length === 0 ? [] : [`edge ${edges.join(' ')}`]),
  ];
  const failed = Object.entries(errors).map(([reason, count]) => `${count} x ${reason}`);
  return [
    told.length === 0 ? url : `${url} (${told.join(', ')})`,
    ...(rows.length === 0 ? [] : [...HEAD, ...rows.flatMap(rowLines)]),
    ...(failed.length === 0 ? [] : [`  failed: ${failed.join(', ')}`]),
  ];
}

/** The results as tables. */
export function formatReport(results: readonly Result[]): string {
  return results
    .map(({ cdn, origin, ratio }) => {
      const lines = summaryLines(cdn);
      if (origin !== null) lines.push(...summaryLines(origin));
      const shares = Object.entries(ratio ?? {}).map(([name, share]) => `${name} ${share}`);
      if (shares.length > 0) {
        lines.push(`CDN / S3, first byte, p50, by connection: ${shares.join(', ')}`);
      }
      return `${lines.join('\n')}\n`;
    })
    .join('\n');
}
