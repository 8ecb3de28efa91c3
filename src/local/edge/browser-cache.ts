import type { Access } from './behaviours.ts';
import type { Found } from './objects.ts';

/**
 * What the distribution's response headers policy tells browsers about signed pictures that say
 * nothing themselves. 25 hours, since a browser counts the time in the edge's cache, up to 24 hours, as
 * the picture's age. For the browser alone: who has a signed URL has a permission.
 */
export const SIGNED_CACHE_CONTROL = 'private, max-age=90000, immutable';

/** The same, with what browsers are told. Goes to viewers only: the edge keeps what S3 has said. */
export function forBrowsers(found: Found, access: Access): Found {
  if (found.kind === 'refusal' || access !== 'signed') return found;
  return { ...found, headers: { 'cache-control': SIGNED_CACHE_CONTROL, ...found.headers } };
}
