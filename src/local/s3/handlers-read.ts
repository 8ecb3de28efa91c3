import { assertHeaderValue, attributeHeaders } from './attributes.ts';
import { parseRange } from './byte-range.ts';
import { checksumHeaderName } from './checksums.ts';
import { ifRangeHolds, isUnchanged } from './conditions.ts';
import type { Handler, S3Context, S3Request, S3Response } from './context.ts';
import { assertReadable, findObject, versionHeaders } from './lookup.ts';
import type { StoredObject } from './object-version.ts';

/** AWS docs, "GetObject", "Overriding response header values through the request". */
const OVERRIDES = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

function withOverrides(
  headers: Record<string, string>,
  query: ReadonlyMap<string, string>,
): Record<string, string> {
  const overridden = { ...headers };
  for (const name of OVERRIDES) {
    const value = query.get(`response-${name}`);
    if (value === undefined) continue;
    assertHeaderValue(`response-${name}`, value);
    if (name === 'content-type') overridden['Content-Type'] = value;
    else overridden[name] = value;
  }
  return overridden;
}

function checksumHeaders(request: S3Request, object: StoredObject): Record<string, string> {
  const asked = request.headers.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED';
  if (!asked || object.checksum === null) return {};
  const { algorithm, value } = object.checksum;
  return { [checksumHeaderName(algorithm)]: value, 'x-amz-checksum-type': 'FULL_OBJECT' };
}

function read(context: S3Context, request: S3Request, withBody: boolean): S3Response {
  const bucket = context.store.bucket(request.bucket);
  const object = findObject(bucket, request.key, request.query.get('versionId'));
  const validators = {
    ETag: `"${object.etag}"`,
    'Last-Modified': new Date(object.lastModified).toUTCString(),
    ...versionHeaders(bucket, object),
  };
  if (isUnchanged(request.headers, object)) {
    const { 'cache-control': cacheControl, expires } = object.attributes.headers;
    return {
      status: 304,
      headers: {
        ...validators,
        ...(cacheControl === undefined ? {} : { 'cache-control': cacheControl }),
        ...(expires === undefined ? {} : { expires }),
      },
    };
  }
  if (withBody) assertReadable(object);
  const range = ifRangeHolds(request.headers, object)
    ? parseRange(request.headers.get('range'), object.size)
    : undefined;
  const { start, end } = range ?? { start: 0, end: object.size - 1 };
  const length = end - start + 1;
  const headers = {
    ...validators,
    ...withOverrides(attributeHeaders(object), request.query),
    // A part has not the checksum of the whole.
    ...(range === undefined ? checksumHeaders(request, object) : {}),
    ...(range === undefined ? {} : { 'Content-Range': `bytes ${start}-${end}/${object.size}` }),
    'Accept-Ranges': 'bytes',
    'Content-Length': String(length),
  };
  const status = range === undefined ? 200 : 206;
  if (!withBody || length === 0) return { status, headers };
  const fd = context.store.files.openForReading(object.id);
  return { status, headers, body: { fd, start, end } };
}

/** GetObject */
export const getObject: Handler = (context, request) => read(context, request, true);

/** HeadObject */
export const headObject: Handler = (context, request) => read(context, request, false);
