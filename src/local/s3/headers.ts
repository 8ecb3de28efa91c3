import type { IncomingMessage } from 'node:http';
import { S3Error } from './errors.ts';

/** Header values by lower-case name; several values of one name are joined with a comma. */
export type Headers = ReadonlyMap<string, string>;

/** Of these there is one or none; with two, one could be signed and the other one used. */
const SINGLE = new Set([
  'authorization',
  'content-length',
  'content-md5',
  'content-type',
  'date',
  'host',
  'if-match',
  'if-none-match',
  'range',
]);

/** @throws S3Error `InvalidRequest` for a header repeated that must not be */
export function readHeaders(request: IncomingMessage): Map<string, string> {
  const headers = new Map<string, string>();
  for (const [name, values] of Object.entries(request.headersDistinct)) {
    if (values === undefined) continue;
    const single = SINGLE.has(name) || name.startsWith('x-amz-');
    if (single && values.length > 1 && !name.startsWith('x-amz-meta-')) {
      throw new S3Error('InvalidRequest', { message: `The header ${name} is repeated.` });
    }
    headers.set(name, values.join(','));
  }
  return headers;
}

/** Query names that belong to the signature and never stand for a header. */
const SIGNATURE_PARAMETERS = new Set([
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-signedheaders',
  'x-amz-signature',
  'x-amz-content-sha256',
  'x-amz-security-token',
]);

/**
 * A presigned URL may carry `x-amz-*` headers as query parameters; S3 reads them as headers. The
 * AWS SDK "hoists" them so by default, which is how a presigned PUT of its default settings
 * demands the CRC32 of an empty body.
 */
export function withHoistedHeaders(headers: Headers, query: ReadonlyMap<string, string>): Headers {
  if (!query.has('X-Amz-Signature')) return headers;
  const merged = new Map(headers);
  for (const [name, value] of query) {
    const lower = name.toLowerCase();
    if (!lower.startsWith('x-amz-') || SIGNATURE_PARAMETERS.has(lower)) continue;
    if (!merged.has(lower)) merged.set(lower, value);
  }
  return merged;
}
