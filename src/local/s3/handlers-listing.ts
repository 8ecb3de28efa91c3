import { type Handler, type S3Request, xmlResponse } from './context.ts';
import { invalidArgument, notImplemented } from './errors.ts';
import { type ListingQuery, listObjects, listVersions, type Position } from './listing.ts';
import type { ObjectVersion, StoredObject } from './object-version.ts';
import { element, resultDocument, type Xml } from './xml.ts';

/** AWS docs, "ListObjectsV2": more are never sent at once. */
const MAX_KEYS = 1000;

const OWNER = element('Owner', [element('ID', 'local'), element('DisplayName', 'local')]);

function maxKeys(query: ReadonlyMap<string, string>): number {
  const text = query.get('max-keys');
  if (text === undefined || text === '') return MAX_KEYS;
  if (!/^\d{1,10}$/.test(text)) {
    throw invalidArgument(
      'Provided max-keys not an integer or within integer range',
      'max-keys',
      text,
    );
  }
  return Math.min(Number(text), MAX_KEYS);
}

/** With `encoding-type=url` keys come as a form writes them, which any XML parser can read. */
function encoder({ query }: S3Request): (text: string) => string {
  const type = query.get('encoding-type');
  if (type === undefined || type === '') return (text) => text;
  if (type !== 'url') {
    throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', type);
  }
  return (text) => encodeURIComponent(text).replaceAll('%20', '+').replaceAll('%2F', '/');
}

function encodeToken(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** @throws S3Error `InvalidArgument` for a token that no page ended with */
function decodeToken(token: string): Position {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (typeof parsed === 'object' && parsed !== null) {
      if ('key' in parsed && typeof parsed.key === 'string') return { key: parsed.key };
      if ('prefix' in parsed && typeof parsed.prefix === 'string') return { prefix: parsed.prefix };
    }
  } catch {
    // Told below.
  }
  throw invalidArgument(
    'The continuation token provided is incorrect',
    'continuation-token',
    token,
  );
}

function objectFields(version: StoredObject): Xml[] {
  return [
    element('ETag', `"${version.etag}"`),
    element('Size', version.size),
    element('StorageClass', version.attributes.storageClass),
    ...(version.checksum === null
      ? []
      : [
          element('ChecksumAlgorithm', version.checksum.algorithm),
          element('ChecksumType', 'FULL_OBJECT'),
        ]),
  ];
}

function listingQuery({ query }: S3Request): ListingQuery {
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    maxKeys: maxKeys(query),
  };
}

function optional(name: string, value: string | undefined): Xml[] {
  return value === undefined || value === '' ? [] : [element(name, value)];
}

/** ListObjectsV2 */
export const listObjectsV2: Handler = (context, request) => {
  const { query } = request;
  const bucket = context.store.bucket(request.bucket);
  if (query.get('list-type') !== '2') throw notImplemented('ListObjects without list-type=2');
  const encode = encoder(request);
  const asked = listingQuery(request);
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after') ?? '';
  const after =
    token !== undefined ? decodeToken(token) : startAfter === '' ? undefined : { key: startAfter };
  const page =
    asked.maxKeys === 0
      ? { entries: [], commonPrefixes: [], next: undefined }
      : listObjects(bucket, asked, after);
  const fetchOwner = query.get('fetch-owner') === 'true';
  return xmlResponse(
    resultDocument('ListBucketResult', [
      element('Name', bucket.name),
      element('Prefix', encode(asked.prefix)),
      ...optional('Delimiter', encode(asked.delimiter)),
      ...optional('StartAfter', encode(startAfter)),
      ...optional('ContinuationToken', token),
      ...(page.next ? [element('NextContinuationToken', encodeToken(page.next))] : []),
      element('KeyCount', page.entries.length + page.commonPrefixes.length),
      element('MaxKeys', asked.maxKeys),
      ...optional('EncodingType', query.get('encoding-type')),
      element('IsTruncated', page.next !== undefined),
      ...page.entries.map(({ key, version }) =>
        element('Contents', [
          element('Key', encode(key)),
          element('LastModified', new Date(version.lastModified).toISOString()),
          ...objectFields(version),
          ...(fetchOwner ? [OWNER] : []),
        ]),
      ),
      ...page.commonPrefixes.map((prefix) =>
        element('CommonPrefixes', [element('Prefix', encode(prefix))]),
      ),
    ]),
  );
};

function versionElement(key: string, version: ObjectVersion, isLatest: boolean): Xml {
  const identity = [
    element('Key', key),
    element('VersionId', version.versionId),
    element('IsLatest', isLatest),
    element('LastModified', new Date(version.lastModified).toISOString()),
  ];
  return version.kind === 'marker'
    ? element('DeleteMarker', [...identity, OWNER])
    : element('Version', [...identity, ...objectFields(version), OWNER]);
}

/** ListObjectVersions */
export const listObjectVersions: Handler = (context, request) => {
  const { query } = request;
  const bucket = context.store.bucket(request.bucket);
  const encode = encoder(request);
  const asked = listingQuery(request);
  const keyMarker = query.get('key-marker') ?? '';
  const versionMarker = query.get('version-id-marker') || undefined;
  if (versionMarker !== undefined && keyMarker === '') {
    throw invalidArgument(
      'A version-id marker cannot be specified without a key marker.',
      'version-id-marker',
      versionMarker,
    );
  }
  const page =
    asked.maxKeys === 0
      ? { entries: [], commonPrefixes: [], next: undefined }
      : listVersions(bucket, asked, keyMarker, versionMarker);
  const { next } = page;
  const markers =
    next === undefined
      ? []
      : 'prefix' in next
        ? [element('NextKeyMarker', encode(next.prefix))]
        : [
            element('NextKeyMarker', encode(next.key)),
            ...optional('NextVersionIdMarker', page.entries.at(-1)?.version.versionId),
          ];
  return xmlResponse(
    resultDocument('ListVersionsResult', [
      element('Name', bucket.name),
      element('Prefix', encode(asked.prefix)),
      ...optional('Delimiter', encode(asked.delimiter)),
      element('KeyMarker', encode(keyMarker)),
      element('VersionIdMarker', versionMarker ?? ''),
      ...markers,
      element('MaxKeys', asked.maxKeys),
      ...optional('EncodingType', query.get('encoding-type')),
      element('IsTruncated', next !== undefined),
      ...page.entries.map(({ key, version }) =>
        versionElement(encode(key), version, bucket.versions.get(key)?.at(-1) === version),
      ),
      ...page.commonPrefixes.map((prefix) =>
        element('CommonPrefixes', [element('Prefix', encode(prefix))]),
      ),
    ]),
  );
};
