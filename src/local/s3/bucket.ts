import { NULL_VERSION, type ObjectVersion } from './object-version.ts';
import { createSortedKeys, type SortedKeys } from './sorted-keys.ts';

/** A bucket's index, in memory; the journal is what survives. */
export interface Bucket {
  readonly name: string;
  /** Milliseconds. */
  readonly createdAt: number;
  versioned: boolean;
  readonly keys: SortedKeys;
  /** Oldest first: the last one is current. Never empty. */
  readonly versions: Map<string, ObjectVersion[]>;
}

export function createBucket(name: string, createdAt: number, versioned: boolean): Bucket {
  return { name, createdAt, versioned, keys: createSortedKeys(), versions: new Map() };
}

export function currentVersion(bucket: Bucket, key: string): ObjectVersion | undefined {
  return bucket.versions.get(key)?.at(-1);
}

/**
 * Adds a version as the current one. There is at most one `null` version of a key.
 * @returns the version it replaces
 */
export function addVersion(
  bucket: Bucket,
  key: string,
  version: ObjectVersion,
): ObjectVersion | undefined {
  const versions = bucket.versions.get(key);
  if (versions === undefined) {
    bucket.versions.set(key, [version]);
    bucket.keys.add(key);
    return undefined;
  }
  const index =
    version.versionId === NULL_VERSION
      ? versions.findIndex((other) => other.versionId === NULL_VERSION)
      : -1;
  const [replaced] = index < 0 ? [] : versions.splice(index, 1);
  versions.push(version);
  return replaced;
}

export function removeVersion(bucket: Bucket, key: string, id: string): ObjectVersion | undefined {
  const versions = bucket.versions.get(key);
  const index = versions?.findIndex((version) => version.id === id) ?? -1;
  if (versions === undefined || index < 0) return undefined;
  const [removed] = versions.splice(index, 1);
  if (versions.length === 0) {
    bucket.versions.delete(key);
    bucket.keys.remove(key);
  }
  return removed;
}

/** Puts a changed version in the place of the one with the same id. */
export function replaceVersion(bucket: Bucket, key: string, version: ObjectVersion): void {
  const versions = bucket.versions.get(key);
  const index = versions?.findIndex((other) => other.id === version.id) ?? -1;
  if (versions !== undefined && index >= 0) versions[index] = version;
}
