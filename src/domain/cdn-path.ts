import { encodeKeyPath } from './key-paths.ts';

/** What the CDN hands out: an object, pinned to one version where the bucket has versions. */
export interface CdnTarget {
  key: string;
  versionId: string | null;
}

/**
 * Path and query of a target, before anything is signed. The CDN keeps what it has fetched under
 * exactly this, so whoever wants it forgotten has to name it so.
 */
export function cdnPath({ key, versionId }: CdnTarget): string {
  const query = versionId === null ? '' : `?versionId=${encodeURIComponent(versionId)}`;
  return `/${encodeKeyPath(key)}${query}`;
}

/**
 * What an invalidation calls all paths of keys that begin so, with any query. A star is a wildcard
 * at the end of a path only, and not taken anywhere else; so a prefix ends before its first.
 */
export function wildcardPath(keyPrefix: string): string {
  return `/${encodeKeyPath(keyPrefix.split('*')[0] ?? '')}*`;
}
