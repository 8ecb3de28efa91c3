import { type Bucket, currentVersion } from './bucket.ts';
import { invalidArgument, S3Error } from './errors.ts';
import type { ObjectVersion, StoredObject } from './object-version.ts';

/** `x-amz-version-id`, which only versioned buckets have. */
export function versionHeaders(bucket: Bucket, version: ObjectVersion): Record<string, string> {
  return bucket.versioned ? { 'x-amz-version-id': version.versionId } : {};
}

function markerHeaders(bucket: Bucket, version: ObjectVersion): Record<string, string> {
  return { 'x-amz-delete-marker': 'true', ...versionHeaders(bucket, version) };
}

/**
 * The version with that id, undefined where there is none.
 * @throws S3Error `InvalidArgument` for an empty id
 */
export function findVersion(
  bucket: Bucket,
  key: string,
  versionId: string,
): ObjectVersion | undefined {
  if (versionId === '') {
    throw invalidArgument('Version id cannot be the empty string', 'versionId', '');
  }
  return bucket.versions.get(key)?.find((version) => version.versionId === versionId);
}

/**
 * The object that a read is about: the current one, or that of `versionId`.
 * @throws S3Error `NoSuchKey`, `NoSuchVersion`, and `MethodNotAllowed` for a delete marker's id
 *   (AWS docs, "Working with delete markers")
 */
export function findObject(
  bucket: Bucket,
  key: string,
  versionId: string | undefined,
): StoredObject {
  if (versionId === undefined) {
    const current = currentVersion(bucket, key);
    if (current?.kind === 'object') return current;
    throw new S3Error('NoSuchKey', {
      details: { Key: key },
      headers: current === undefined ? {} : markerHeaders(bucket, current),
    });
  }
  const version = findVersion(bucket, key, versionId);
  if (version === undefined) {
    throw new S3Error('NoSuchVersion', { details: { Key: key, VersionId: versionId } });
  }
  if (version.kind === 'object') return version;
  throw new S3Error('MethodNotAllowed', {
    details: { Method: 'GET', ResourceType: 'DeleteMarker' },
    headers: {
      ...markerHeaders(bucket, version),
      Allow: 'DELETE',
      'Last-Modified': new Date(version.lastModified).toUTCString(),
    },
  });
}

const ARCHIVES = new Set(['GLACIER', 'DEEP_ARCHIVE']);

/** Nothing is ever restored here. @throws S3Error `InvalidObjectState` for what is archived */
export function assertReadable({ attributes: { storageClass } }: StoredObject): void {
  if (!ARCHIVES.has(storageClass)) return;
  throw new S3Error('InvalidObjectState', { details: { StorageClass: storageClass } });
}
