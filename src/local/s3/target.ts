import { invalidArgument, S3Error } from './errors.ts';

const MAX_KEY_BYTES = 1024;

export interface Target {
  /** As it stands in the request line, before the question mark. */
  readonly rawPath: string;
  /** Empty for requests about the whole service. */
  readonly bucket: string;
  /** Empty for requests about a bucket. */
  readonly key: string;
  readonly query: ReadonlyMap<string, string>;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error('InvalidURI');
  }
}

/** @throws S3Error `InvalidURI` for bad percent-encoding, `InvalidArgument` for a repeated name */
export function parseQuery(rawQuery: string): Map<string, string> {
  const query = new Map<string, string>();
  for (const part of rawQuery.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const rawName = equals < 0 ? part : part.slice(0, equals);
    const rawValue = equals < 0 ? '' : part.slice(equals + 1);
    const name = decode(rawName.replaceAll('+', ' '));
    const value = decode(rawValue.replaceAll('+', ' '));
    // Two values for one name: one could be checked and the other one used.
    if (query.has(name)) throw invalidArgument('A query parameter is repeated.', name, value);
    query.set(name, value);
  }
  return query;
}

/**
 * Reads a path-style request line: `/BUCKET/KEY?QUERY`. The key is kept as it is: no dot
 * segments are resolved, no slashes are merged (AWS docs, "Creating object key names").
 * @throws S3Error `InvalidURI`, `InvalidArgument`, `KeyTooLongError`
 */
export function parseTarget(requestUrl: string): Target {
  if (!requestUrl.startsWith('/')) throw new S3Error('InvalidURI');
  const mark = requestUrl.indexOf('?');
  const rawPath = mark < 0 ? requestUrl : requestUrl.slice(0, mark);
  const rawQuery = mark < 0 ? '' : requestUrl.slice(mark + 1);
  const path = decode(rawPath);
  const slash = path.indexOf('/', 1);
  const key = slash < 0 ? '' : path.slice(slash + 1);
  assertKeyLength(key);
  return {
    rawPath,
    bucket: slash < 0 ? path.slice(1) : path.slice(1, slash),
    key,
    query: parseQuery(rawQuery),
  };
}

/** @throws S3Error `KeyTooLongError` */
export function assertKeyLength(key: string): void {
  const size = Buffer.byteLength(key);
  if (size > MAX_KEY_BYTES) {
    throw new S3Error('KeyTooLongError', {
      details: { Size: String(size), MaxSizeAllowed: String(MAX_KEY_BYTES) },
    });
  }
}
