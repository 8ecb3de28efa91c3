import type { ObjectHeaders } from './cache.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;
const DEFAULT_TTL_MS = 24 * HOUR_MS;
const MAX_TTL_MS = 365 * 24 * HOUR_MS;

function clamp(ttlMs: number): number {
  return Math.min(Math.max(ttlMs, 0), MAX_TTL_MS);
}

/**
 * How long an object may be served without asking the origin, in milliseconds; undefined if it must
 * not be stored at all. AWS "Manage how long content stays in the cache (expiration)", with minimum
 * TTL 0, default TTL 24 hours, maximum TTL a year: s-maxage wins over max-age, max-age over Expires.
 */
export function freshForMs(headers: ObjectHeaders, now: number): number | undefined {
  const directives = (headers['cache-control'] ?? '')
    .toLowerCase()
    .split(',')
    .map((directive) => directive.trim());
  if (directives.includes('no-store') || directives.includes('private')) return undefined;
  if (directives.includes('no-cache')) return 0;
  for (const name of ['s-maxage', 'max-age']) {
    const found = directives.find((directive) => directive.startsWith(`${name}=`));
    const seconds = found?.slice(name.length + 1).replaceAll('"', '');
    if (seconds !== undefined && /^\d+$/.test(seconds)) return clamp(Number(seconds) * SECOND_MS);
  }
  if (headers.expires !== undefined) {
    const expires = Date.parse(headers.expires);
    // An unreadable Expires, "0" above all, means the past (RFC 9111, 5.3).
    return Number.isNaN(expires) ? 0 : clamp(expires - now);
  }
  return DEFAULT_TTL_MS;
}

/**
 * How long the origin's refusal is remembered, in milliseconds; undefined where it is not. Enough to
 * keep a broken link off the origin; short for 403, which a repaired bucket policy turns into 200.
 */
export function refusedForMs(status: number): number | undefined {
  if (status === 404) return 300 * SECOND_MS;
  if (status === 403) return 10 * SECOND_MS;
  return undefined;
}
