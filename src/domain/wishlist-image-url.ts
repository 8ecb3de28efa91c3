import { type CdnRules, cdnUrlOfKey, isPublicKey, toCdnUrl, withVersion } from './cdn-urls.ts';
import { readImageUrl } from './s3-urls.ts';

/** An item's picture that is no image record. */
export interface StoredPicture {
  imageKey: string | null;
  /** As it was given; kept beside a key that was made from it. */
  imageUrl: string | null;
  /** When another picture took the place of the last; null where nobody knows. */
  imageUpdatedAt: Date | null;
}

/**
 * The URL that shows an item's picture; null where it has none that can be shown.
 *
 * @param movedToCdn whether the roll-out has come to this item. Until then a picture that came as a
 *   URL keeps it as it was. Afterwards no URL of our bucket is handed out any more: an object that
 *   the CDN does not serve to everybody has no URL. A key never had one outside the CDN.
 */
export function wishlistImageUrl(
  picture: StoredPicture,
  rules: CdnRules,
  movedToCdn: boolean,
): string | null {
  const { imageKey, imageUrl } = picture;
  if (imageUrl !== null && (imageKey === null || !movedToCdn)) {
    const reading = readImageUrl(imageUrl, rules);
    if (reading.kind === 'not-a-url') return null;
    if (!movedToCdn) return imageUrl;
    if (reading.kind === 'own-unusable') return null;
    if (reading.kind !== 'own-object') return imageUrl;
    return isPublicKey(reading.key) ? versioned(toCdnUrl(imageUrl, rules), picture) : null;
  }
  const url = cdnUrlOfKey(imageKey, rules.cdnOrigin);
  if (imageKey === null || url === null || !isPublicKey(imageKey.replace(/^\/+/, ''))) return null;
  return versioned(url, picture);
}

/** Milliseconds: a picture may change twice in a second. */
function versioned(url: string, { imageUpdatedAt }: StoredPicture): string {
  return withVersion(url, imageUpdatedAt === null ? null : String(imageUpdatedAt.getTime()));
}
