import { type Bucket, currentVersion } from './bucket.ts';
import type { ObjectVersion, StoredObject } from './object-version.ts';

export interface ListingQuery {
  readonly prefix: string;
  /** Empty: no grouping. */
  readonly delimiter: string;
  /** Objects (or versions) and common prefixes together. */
  readonly maxKeys: number;
}

/** Where a listing goes on: behind a key, or behind everything that begins with a prefix. */
export type Position = { readonly key: string } | { readonly prefix: string };

export interface Entry<T extends ObjectVersion> {
  readonly key: string;
  readonly version: T;
}

export interface Page<T extends ObjectVersion> {
  readonly entries: readonly Entry<T>[];
  readonly commonPrefixes: readonly string[];
  /** Set when there is more: what the page ends with. */
  readonly next: Position | undefined;
}

function startIndex(bucket: Bucket, prefix: string, after: Position | undefined): number {
  const { keys } = bucket;
  const first = keys.indexAfter(prefix, true);
  if (after === undefined) return first;
  if ('key' in after) return Math.max(first, keys.indexAfter(after.key));
  const start = keys.indexAfter(after.prefix, true);
  return Math.max(first, keys.indexAfterPrefix(after.prefix, start));
}

/** The part of a key up to the delimiter behind the prefix, undefined where there is none. */
function commonPrefix(key: string, { prefix, delimiter }: ListingQuery): string | undefined {
  if (delimiter === '') return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

/**
 * Walks keys in order, asking `versionsOf` what of each is listed; a group behind a common
 * prefix is jumped over with one binary search.
 */
function walk<T extends ObjectVersion>(
  bucket: Bucket,
  query: ListingQuery,
  after: Position | undefined,
  versionsOf: (key: string) => readonly T[],
): Page<T> {
  const entries: Entry<T>[] = [];
  const commonPrefixes: string[] = [];
  let last: Position | undefined;
  const isFull = (): boolean => entries.length + commonPrefixes.length >= query.maxKeys;

  let index = startIndex(bucket, query.prefix, after);
  for (;;) {
    const key = bucket.keys.at(index);
    if (key === undefined || !key.startsWith(query.prefix)) break;
    const group = commonPrefix(key, query);
    const versions = versionsOf(key);
    if (versions.length > 0 && isFull()) return { entries, commonPrefixes, next: last };
    if (group !== undefined && versions.length > 0) {
      commonPrefixes.push(group);
      last = { prefix: group };
      index = bucket.keys.indexAfterPrefix(group, index);
      continue;
    }
    for (const version of versions) {
      if (isFull()) return { entries, commonPrefixes, next: last };
      entries.push({ key, version });
      last = { key };
    }
    index += 1;
  }
  return { entries, commonPrefixes, next: undefined };
}

/** A page of current objects. */
export function listObjects(
  bucket: Bucket,
  query: ListingQuery,
  after: Position | undefined,
): Page<StoredObject> {
  return walk(bucket, query, after, (key) => {
    const current = currentVersion(bucket, key);
    return current?.kind === 'object' ? [current] : [];
  });
}

/**
 * A page of versions, newest first for each key. `after` names the last key of the page before,
 * `afterVersion` its last version there.
 */
export function listVersions(
  bucket: Bucket,
  query: ListingQuery,
  after: string,
  afterVersion: string | undefined,
): Page<ObjectVersion> {
  const versionsOf = (key: string): readonly ObjectVersion[] => {
    const versions = (bucket.versions.get(key) ?? []).toReversed();
    if (key !== after) return versions;
    // Whoever empties a bucket page by page has deleted the marker by now: then nothing of
    // this key that is still there has been listed before it.
    const seen = versions.findIndex((version) => version.versionId === afterVersion);
    return versions.slice(seen + 1);
  };
  return walk(bucket, query, versionsStart(query, after, afterVersion, bucket), versionsOf);
}

function versionsStart(
  query: ListingQuery,
  after: string,
  afterVersion: string | undefined,
  bucket: Bucket,
): Position | undefined {
  if (after === '') return undefined;
  if (afterVersion === undefined) {
    return commonPrefix(after, query) === after ? { prefix: after } : { key: after };
  }
  const before = bucket.keys.at(bucket.keys.indexAfter(after, true) - 1);
  return before === undefined ? undefined : { key: before };
}
