import { rm } from 'node:fs/promises';
import {
  assertSupportedHeaders,
  attributesOf,
  inheritedAttributes,
  placementOf,
} from './attributes.ts';
import type { Bucket } from './bucket.ts';
import { assertCopySource, assertWritable } from './conditions.ts';
import { eventsOf, type Handler, type S3Request, xmlResponse } from './context.ts';
import { invalidArgument, notImplemented, S3Error } from './errors.ts';
import { assertNoVersionId } from './handlers-write.ts';
import type { Headers } from './headers.ts';
import { assertReadable, findObject, versionHeaders } from './lookup.ts';
import type { ObjectAttributes, StoredObject } from './object-version.ts';
import { element, resultDocument } from './xml.ts';

interface CopySource {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

/** Reads `[/]bucket/key[?versionId=id]`, percent-encoded. @throws S3Error `InvalidArgument` */
function parseCopySource(header: string): CopySource {
  const match = /^\/?([^?]*?)(?:\?versionId=([^&]*))?$/.exec(header);
  try {
    const path = decodeURIComponent(match?.[1] ?? '');
    if (path.startsWith('arn:')) throw notImplemented('a copy source by ARN');
    const slash = path.indexOf('/');
    if (slash > 0 && slash < path.length - 1) {
      const versionId = match?.[2] === undefined ? undefined : decodeURIComponent(match[2]);
      return { bucket: path.slice(0, slash), key: path.slice(slash + 1), versionId };
    }
  } catch (error) {
    if (!(error instanceof URIError)) throw error;
  }
  throw invalidArgument(
    'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    'x-amz-copy-source',
    header,
  );
}

function directive(headers: Headers, name: string): 'COPY' | 'REPLACE' {
  const value = headers.get(name) ?? 'COPY';
  if (value === 'COPY' || value === 'REPLACE') return value;
  throw invalidArgument(`Unknown ${name}.`, name, value);
}

function copiedAttributes(headers: Headers, source: StoredObject): ObjectAttributes {
  const asked = attributesOf(headers);
  const kept = source.attributes;
  const base =
    directive(headers, 'x-amz-metadata-directive') === 'REPLACE'
      ? asked
      : { ...inheritedAttributes(kept), ...placementOf(headers) };
  const replaceTags = directive(headers, 'x-amz-tagging-directive') === 'REPLACE';
  return { ...base, tags: replaceTags ? asked.tags : kept.tags };
}

/** S3 refuses to copy the current version onto itself with nothing changed. */
function assertChangesSomething(request: S3Request, bucket: Bucket, source: CopySource): void {
  const { headers } = request;
  const changes =
    source.bucket !== bucket.name ||
    source.key !== request.key ||
    source.versionId !== undefined ||
    headers.get('x-amz-metadata-directive') === 'REPLACE' ||
    headers.has('x-amz-storage-class') ||
    headers.has('x-amz-server-side-encryption');
  if (changes) return;
  throw new S3Error('InvalidRequest', {
    message:
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
  });
}

/** CopyObject */
export const copyObject: Handler = async (context, request) => {
  const { headers, key } = request;
  const { store } = context;
  const bucket = store.bucket(request.bucket);
  assertNoVersionId(request);
  assertSupportedHeaders(headers);
  const from = parseCopySource(headers.get('x-amz-copy-source') ?? '');
  const sourceBucket = store.bucket(from.bucket);
  const source = findObject(sourceBucket, from.key, from.versionId);
  assertCopySource(headers, source);
  assertReadable(source);
  assertChangesSomething(request, bucket, from);
  const attributes = copiedAttributes(headers, source);

  const assertAllowed = (current: Parameters<typeof assertWritable>[2]): void =>
    assertWritable(headers, key, current);
  assertAllowed(bucket.versions.get(key)?.at(-1));
  const contentPath = store.files.duplicate(source.id);
  try {
    const { size, etag, checksum } = source;
    const version = store.put({
      bucket,
      key,
      draft: { size, etag, checksum, attributes },
      contentPath,
      assertAllowed,
      eventsFor: eventsOf(context, request, 'ObjectCreated:Copy'),
    });
    context.events.wake();
    const sourceHeader = sourceBucket.versioned
      ? { 'x-amz-copy-source-version-id': source.versionId }
      : {};
    return xmlResponse(
      resultDocument('CopyObjectResult', [
        element('LastModified', new Date(version.lastModified).toISOString()),
        element('ETag', `"${version.etag}"`),
      ]),
      { ...versionHeaders(bucket, version), ...sourceHeader, ...attributes.encryption },
    );
  } finally {
    await rm(contentPath, { force: true });
  }
};
