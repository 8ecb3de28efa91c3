const { imul } = Math;

/** One more than the largest number that `spread` gives. */
export const SPREAD = 2 ** 32;

/**
 * A whole number from 0 to 2^32 - 1 that depends on the text alone: FNV-1a over UTF-16 units, then
 * the finalizer of MurmurHash3, so that texts that differ only at their end, as ULIDs of one moment
 * do, are spread over all numbers as well. Must never change: what was decided by it would change.
 */
export function spread(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value = imul(value ^ (value >>> 16), 0x85ebca6b);
  value = imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
