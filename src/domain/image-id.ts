declare const brand: unique symbol;

/** A ULID in its canonical upper-case form. Sorts by time of creation. */
export type ImageId = string & { readonly [brand]: 'ImageId' };

/**
 * 26 characters of Crockford's base 32; the first is at most 7, because 48 bits of time leave two
 * of its bits unused (https://github.com/ulid/spec).
 */
export const ULID_PATTERN = '[0-7][0-9A-HJKMNP-TV-Z]{25}';

const ulid = new RegExp(`^${ULID_PATTERN}$`);

export function isImageId(text: string): text is ImageId {
  return ulid.test(text);
}
