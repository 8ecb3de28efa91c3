import { thumbHashToDataURL } from 'thumbhash';

/** Some 6 kB each; enough for a screen and what is scrolled past it. */
const CACHE_LIMIT = 600;

const cache = new Map<string, string | null>();

/** A blurred picture of 32 pixels as a data: URL from a ThumbHash in base64; null if it is none. */
export function placeholderUrl(thumbhash: string): string | null {
  const known = cache.get(thumbhash);
  if (known !== undefined) {
    return known;
  }
  const url = decode(thumbhash);
  const [oldest] = cache.keys();
  if (cache.size >= CACHE_LIMIT && oldest !== undefined) {
    cache.delete(oldest);
  }
  cache.set(thumbhash, url);
  return url;
}

function decode(thumbhash: string): string | null {
  try {
    const bytes = Uint8Array.from(atob(thumbhash), (character) => character.charCodeAt(0));
    return bytes.length < 5 ? null : thumbHashToDataURL(bytes);
  } catch {
    return null;
  }
}
