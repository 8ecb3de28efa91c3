const { imul } = Math;

/** One more than the largest 32-bit hash. */
const HASHES = 2 ** 32;

/**
 * Whether an id is among the first `percent` of all. The answer depends on nothing but the two, and
 * a larger number only ever adds ids: 0 has none of them, 100 has all.
 *
 * @param percent from 0 to 100
 */
export function isRolledOut(id: string, percent: number): boolean {
  return hash(id) < (percent / 100) * HASHES;
}

/**
 * FNV-1a over UTF-16 units, then the finalizer of MurmurHash3: ids that differ only at their end, as
 * ULIDs of one moment do, have to be spread over all numbers as well. Must never change: items would
 * go back and forth.
 */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value = imul(value ^ (value >>> 16), 0x85ebca6b);
  value = imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
