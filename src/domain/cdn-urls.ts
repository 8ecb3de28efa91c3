import { encodeKeyPath, toObjectKey } from './key-paths.ts';
import { type OwnBucket, parametersOf, readImageUrl } from './s3-urls.ts';

/** Between which places URLs are rewritten. */
export interface CdnRules extends OwnBucket {
  /** What every CDN URL starts with, such as `https://cdn.example.com`; no slash at the end. */
  cdnOrigin: string;
}

/** What everybody may read through the CDN, without a signature. */
export const PUBLIC_PREFIX = 'uploads/wishlist/';

/** Whether the CDN serves an object to everybody. A URL of any other would be refused there. */
export function isPublicKey(key: string): boolean {
  return key.startsWith(PUBLIC_PREFIX) && key.length > PUBLIC_PREFIX.length;
}

/** The CDN URL of an object; null where there is no key, or none that a URL can carry. */
export function cdnUrlOfKey(objectKey: string | null, cdnOrigin: string): string | null {
  const key = objectKey === null ? null : toObjectKey(objectKey);
  return key === null ? null : `${cdnOrigin}/${encodeKeyPath(key)}`;
}

/** The key of the object of our bucket that an S3 URL names; null for every other text. */
export function objectKeyOfUrl(url: string | null, own: OwnBucket): string | null {
  const reading = url === null ? null : readImageUrl(url, own);
  return reading?.kind === 'own-object' ? reading.key : null;
}

/**
 * An S3 URL of our bucket as the CDN URL of the same object, its query kept but for signatures. Any
 * other text stays as it is, letter by letter: URLs of other buckets and sites, the CDN's own, our
 * bucket's without a usable key, and what is no URL.
 */
export function toCdnUrl<Url extends string | null>(url: Url, rules: CdnRules): Url | string {
  const reading = url === null ? null : readImageUrl(url, rules);
  if (reading?.kind !== 'own-object') return url;
  return `${rules.cdnOrigin}/${reading.path}${reading.query}${reading.fragment}`;
}

/**
 * The same URL with `?v=` as told, in place of one that was there: who asks with a new version gets
 * past every cache.
 *
 * @param version null leaves the URL as it is
 */
export function withVersion(url: string, version: string | null): string {
  if (version === null) return url;
  const [, base = '', search = '', fragment = ''] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(url) ?? [];
  const others = parametersOf(search).filter(({ name }) => name !== 'v');
  const parameters = [...others.map(({ raw }) => raw), `v=${encodeURIComponent(version)}`];
  return `${base}?${parameters.join('&')}${fragment}`;
}
