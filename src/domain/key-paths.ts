/** "Object key naming" (Amazon S3 User Guide): bytes in UTF-8. */
const MAX_KEY_BYTES = 1024;

/**
 * The object key that a text means: without leading slashes, which are how paths are written; no key
 * of ours begins with one. Null where no URL can carry the key: an empty one, one that is longer
 * than S3's 1,024 bytes, one with a segment `.` or `..`, which every client resolves away (as
 * `%2E%2E` too), and text that is not well-formed Unicode.
 */
export function toObjectKey(text: string): string | null {
  const key = text.replace(/^\/+/, '');
  if (key === '' || !key.isWellFormed() || utf8Length(key) > MAX_KEY_BYTES) return null;
  return key.split('/').some((segment) => segment === '.' || segment === '..') ? null : key;
}

/** What percent-encoding would leave as it is, as it does every key that we make. */
const PLAIN_PATH = /^[\w.~/-]*$/;

/**
 * A key as the path of a URL, without the slash in front: each segment percent-encoded, slashes
 * kept. A plus sign is encoded too: S3 reads a bare one as a space.
 */
export function encodeKeyPath(key: string): string {
  return PLAIN_PATH.test(key) ? key : key.split('/').map(encodeURIComponent).join('/');
}

/** What a path says, decoded once; null where its percent-encoding is broken. */
export function decodePath(path: string): string | null {
  try {
    return decodeURIComponent(path);
  } catch {
    return null;
  }
}

function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}
