import type { ImageFieldsFragment } from '../../generated/gallery/graphql.ts';
import type { GalleryImage } from '../model.ts';

/** A signed URL of the service's. Times are milliseconds since 1970 by the service's clock. */
export interface SignedUrl {
  url: string;
  expiresAt: number;
  receivedAt: number;
}

/** An image as the service tells it. */
export interface Received {
  image: GalleryImage;
  thumbnail: SignedUrl | null;
}

/** How long before its end a URL counts as stale, in milliseconds: a picture may load slowly. */
const MARGIN_MS = 60_000;
/** The least time between two URLs for the same picture, however soon they end. */
const SHORTEST_USE_MS = 10_000;
/** How long a URL is taken for good whose end cannot be told, since no answer gives the time. */
const UNKNOWN_USE_MS = 300_000;

/** When another URL is to be asked for, by the service's clock. */
export function staleAt({ expiresAt, receivedAt }: SignedUrl): number {
  const life = expiresAt - receivedAt;
  if (life <= 0) return receivedAt + UNKNOWN_USE_MS;
  return Math.max(expiresAt - MARGIN_MS, receivedAt + Math.max(life / 2, SHORTEST_USE_MS));
}

/** `now`: the service's time at which the answer came. */
export function toReceived({ thumbnail, ...image }: ImageFieldsFragment, now: number): Received {
  return { image, thumbnail: thumbnail && toSignedUrl(thumbnail, now) };
}

export function toSignedUrl(
  access: { downloadUrl: string; expiresAt: string },
  now: number,
): SignedUrl {
  return { url: access.downloadUrl, expiresAt: Date.parse(access.expiresAt), receivedAt: now };
}
