import { invalidArgument, notImplemented, S3Error } from './errors.ts';
import type { Headers } from './headers.ts';
import type { ObjectAttributes, StoredObject } from './object-version.ts';
import { parseTaggingHeader } from './tags.ts';

const METADATA_PREFIX = 'x-amz-meta-';
/** AWS docs, "Working with object metadata": names and values together, in UTF-8 bytes. */
const MAX_METADATA_BYTES = 2048;

/** Not copied unless the copy says it again (AWS docs, "CopyObject"). */
const REDIRECT = 'x-amz-website-redirect-location';
const KEPT_HEADERS = [
  'cache-control',
  'content-disposition',
  'content-language',
  'expires',
  REDIRECT,
];

const ENCRYPTION_HEADERS = [
  'x-amz-server-side-encryption',
  'x-amz-server-side-encryption-aws-kms-key-id',
  'x-amz-server-side-encryption-bucket-key-enabled',
];
const ENCRYPTIONS = new Set(['AES256', 'aws:kms', 'aws:kms:dsse']);

const STORAGE_CLASSES = new Set([
  'STANDARD',
  'REDUCED_REDUNDANCY',
  'STANDARD_IA',
  'ONEZONE_IA',
  'INTELLIGENT_TIERING',
  'GLACIER',
  'GLACIER_IR',
  'DEEP_ARCHIVE',
]);

/** Headers that would change what is stored, so that ignoring them would be a lie. */
const UNSUPPORTED =
  /^x-amz-(grant-|object-lock-|write-offset-bytes$|(copy-source-)?server-side-encryption-(customer|context))/;

/** ACLs that give nobody more than the owner has. */
const HARMLESS_ACLS = new Set(['private', 'bucket-owner-full-control']);

/** @throws S3Error `InvalidArgument` for a value that could not be sent back in a header */
export function assertHeaderValue(name: string, value: string): string {
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
    throw invalidArgument(
      'Header value cannot be represented using ISO-8859-1.',
      name,
      encodeURIComponent(value),
    );
  }
  return value;
}

/** @throws S3Error `NotImplemented` */
export function assertSupportedHeaders(headers: Headers): void {
  for (const name of headers.keys()) {
    if (UNSUPPORTED.test(name)) throw notImplemented(`the header ${name}`);
  }
  const acl = headers.get('x-amz-acl');
  if (acl !== undefined && !HARMLESS_ACLS.has(acl)) throw notImplemented(`the ACL ${acl}`);
}

function pick(headers: Headers, names: readonly string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = headers.get(name);
    if (value !== undefined) picked[name] = assertHeaderValue(name, value);
  }
  return picked;
}

function metadataOf(headers: Headers): Record<string, string> {
  const metadata: Record<string, string> = {};
  let size = 0;
  for (const [name, value] of headers) {
    if (!name.startsWith(METADATA_PREFIX)) continue;
    const key = name.slice(METADATA_PREFIX.length);
    // A name from a form or a query need not be a header name.
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(key)) {
      throw invalidArgument('The metadata name is not valid.', name, key);
    }
    metadata[key] = assertHeaderValue(name, value);
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (size > MAX_METADATA_BYTES) {
    throw new S3Error('MetadataTooLarge', {
      details: { Size: String(size), MaxSizeAllowed: String(MAX_METADATA_BYTES) },
    });
  }
  return metadata;
}

/** `aws-chunked` says how the request was sent, not what the object is. */
function contentEncoding(headers: Headers): Record<string, string> {
  const codings = (headers.get('content-encoding') ?? '')
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'aws-chunked');
  if (codings.length === 0) return {};
  return { 'content-encoding': assertHeaderValue('content-encoding', codings.join(',')) };
}

/** What a copy takes from its source without being told; `placementOf` says the rest. */
export function inheritedAttributes(source: ObjectAttributes): ObjectAttributes {
  const { [REDIRECT]: _redirect, ...headers } = source.headers;
  return { ...source, headers };
}

/** The storage class and encryption a request asks for; a copy takes neither from its source. */
export function placementOf(
  headers: Headers,
): Pick<ObjectAttributes, 'storageClass' | 'encryption'> {
  const storageClass = headers.get('x-amz-storage-class') ?? 'STANDARD';
  if (!STORAGE_CLASSES.has(storageClass)) throw new S3Error('InvalidStorageClass');
  const encryption = headers.get('x-amz-server-side-encryption');
  if (encryption !== undefined && !ENCRYPTIONS.has(encryption)) {
    throw invalidArgument(
      'The encryption method specified is not supported',
      'x-amz-server-side-encryption',
      encryption,
    );
  }
  return { storageClass, encryption: pick(headers, ENCRYPTION_HEADERS) };
}

/**
 * What the headers of a PUT (or the fields of a form) say about the object.
 * @throws S3Error `InvalidArgument`, `MetadataTooLarge`, `InvalidStorageClass`, `InvalidTag`, ...
 */
export function attributesOf(headers: Headers): ObjectAttributes {
  const contentType = headers.get('content-type') ?? '';
  return {
    // AWS docs, "PutObject": without a Content-Type an object is plain bytes.
    contentType: assertHeaderValue('content-type', contentType) || 'binary/octet-stream',
    headers: { ...pick(headers, KEPT_HEADERS), ...contentEncoding(headers) },
    metadata: metadataOf(headers),
    tags: parseTaggingHeader(headers.get('x-amz-tagging')),
    ...placementOf(headers),
  };
}

/** The headers that describe an object to whoever reads it. */
export function attributeHeaders(object: StoredObject): Record<string, string> {
  const { attributes } = object;
  const headers: Record<string, string> = {
    'Content-Type': attributes.contentType,
    ...attributes.headers,
    ...attributes.encryption,
  };
  for (const [name, value] of Object.entries(attributes.metadata)) {
    headers[`${METADATA_PREFIX}${name}`] = value;
  }
  if (attributes.storageClass !== 'STANDARD') {
    headers['x-amz-storage-class'] = attributes.storageClass;
  }
  if (attributes.tags.length > 0) {
    headers['x-amz-tagging-count'] = String(attributes.tags.length);
  }
  return headers;
}
