import type { IncomingMessage } from 'node:http';
import type { Exchange } from '../answer.ts';
import { type Field, withoutSignatures } from './fields.ts';

/** What is measured on an exchange, beside what its request and response say themselves. */
export interface Measured {
  /** Milliseconds since 1970. */
  finishedAt: number;
  /** Milliseconds. */
  takenMs: number;
  /** Milliseconds; undefined where nothing was sent. */
  firstByteMs: number | undefined;
  receivedBytes: number;
  sentBytes: number;
  /** Address and port of the viewer: a closed socket does not tell any more. */
  viewer: { address: string; port: number };
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}

/** A Referer may be a signed URL too: that of a picture opened in a tab of its own. */
function referer({ headers }: IncomingMessage): string | undefined {
  if (headers.referer === undefined) return undefined;
  const [page, query] = splitAt(headers.referer, '?');
  return query === '' ? page : `${page}?${withoutSignatures(query)}`;
}

function header({ response }: Exchange, name: string): string | undefined {
  const value = response.getHeader(name);
  return value === undefined ? undefined : String(value);
}

/** How the edge answered, by the words of its own X-Cache: Hit, RefreshHit, Miss or Error. */
function resultType(exchange: Exchange): string {
  return /^\w+/.exec(header(exchange, 'x-cache') ?? '')?.[0] ?? 'Error';
}

/** The values of one line. Fields about TLS, encrypted fields and cookies have none here. */
export function describeExchange(
  exchange: Exchange,
  measured: Measured,
): Partial<Record<Field, string | number>> {
  const { request, response } = exchange;
  const [stem, query] = splitAt(request.url ?? '', '?');
  const [date, time] = splitAt(new Date(measured.finishedAt).toISOString(), 'T');
  const result = resultType(exchange);
  // The viewer hung up before it had the whole answer.
  const isCut = !response.writableFinished;
  const host = request.headers.host ?? '';
  const [, first, last] =
    /^bytes (\d+)-(\d+)\//.exec(header(exchange, 'content-range') ?? '') ?? [];
  return {
    date,
    time: time.slice(0, 8),
    'x-edge-location': 'LOCAL1',
    'sc-bytes': measured.sentBytes,
    'c-ip': measured.viewer.address,
    'cs-method': request.method ?? '',
    'cs(Host)': host,
    'cs-uri-stem': stem,
    // As documented: hung up before there was an answer to send.
    'sc-status': response.headersSent ? response.statusCode : '000',
    'cs(Referer)': referer(request) ?? '',
    'cs(User-Agent)': request.headers['user-agent'] ?? '',
    'cs-uri-query': withoutSignatures(query),
    'x-edge-result-type': result,
    'x-edge-request-id': header(exchange, 'x-amz-cf-id') ?? '',
    'x-host-header': host,
    'cs-protocol': 'http',
    'cs-bytes': measured.receivedBytes,
    'time-taken': seconds(measured.takenMs),
    'x-forwarded-for': String(request.headers['x-forwarded-for'] ?? ''),
    'x-edge-response-result-type': isCut ? 'Error' : result,
    'cs-protocol-version': `HTTP/${request.httpVersion}`,
    'c-port': measured.viewer.port,
    'time-to-first-byte': seconds(measured.firstByteMs ?? measured.takenMs),
    'x-edge-detailed-result-type': isCut ? 'ClientCommError' : result,
    'sc-content-type': header(exchange, 'content-type') ?? '',
    'sc-content-len': header(exchange, 'content-length') ?? '',
    'sc-range-start': first ?? '',
    'sc-range-end': last ?? '',
  };
}
