import type { ObjectId } from './objects.ts';
import { decodePercent, forwardedParameters } from './viewer-request.ts';

/** AWS "What you need to know when invalidating files", Invalidation paths. */
const MAX_PATH_LENGTH = 4000;

/** Which cached objects an invalidation path means. */
export interface InvalidationPath {
  isWildcard: boolean;
  matches: (id: ObjectId) => boolean;
}

/**
 * Reads an invalidation path; undefined where CloudFront takes none such: it starts with `/`, is
 * percent-encoded, and has a `*` at its end only. The query is a part of what is cached under a path
 * (`versionId`, `v`), so a path without one means the object without one, and only a `*` means all.
 */
export function parseInvalidationPath(text: string): InvalidationPath | undefined {
  if (text.length > MAX_PATH_LENGTH || !/^\/[\x21-\x7e]*$/.test(text)) return undefined;
  const isWildcard = text.endsWith('*');
  const literal = isWildcard ? text.slice(0, -1) : text;
  if (literal.includes('*')) return undefined;
  const [rawPath = '', rawQuery] = literal.split(/\?(.*)/s);
  const path = decodePercent(rawPath);
  const query = forwardedParameters(rawQuery === undefined ? [] : rawQuery.split('&'));
  if (path === undefined || query === undefined) return undefined;
  const asked = nameOf({ path, ...query });
  if (!isWildcard) return { isWildcard, matches: (id) => nameOf(id) === asked };
  // Cut short anywhere, a query is no query yet: whatever begins like this is meant.
  const prefix = rawQuery === undefined ? path : `${path}?${rawQuery}`;
  return { isWildcard, matches: (id) => nameOf(id).startsWith(prefix) };
}

function nameOf({ path, versionId, v }: ObjectId): string {
  const query = new URLSearchParams({
    ...(versionId !== undefined && { versionId }),
    ...(v !== undefined && { v }),
  });
  return query.size === 0 ? path : `${path}?${query}`;
}
