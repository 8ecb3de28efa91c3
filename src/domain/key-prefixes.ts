/**
 * Few prefixes that together cover many keys, each as long as it can be: the keys are parted where
 * neighbours have least in common.
 *
 * @param keys in any order
 * @param most how many prefixes, at most; from 1 on
 */
export function coverKeys(keys: readonly string[], most: number): string[] {
  const sorted = [...new Set(keys)].sort();
  const shared = sorted.slice(1).map((key, index) => ({
    /** Of the key that begins a group if parted here. */
    index: index + 1,
    length: commonLength(sorted[index] ?? '', key),
  }));
  const cuts = shared
    .sort((one, other) => one.length - other.length)
    .slice(0, most - 1)
    .map(({ index }) => index)
    .sort((one, other) => one - other);
  const starts = sorted.length === 0 ? [] : [0, ...cuts];
  return starts.map((start, index) => {
    const first = sorted[start] ?? '';
    const last = sorted[(starts[index + 1] ?? sorted.length) - 1] ?? '';
    // What is sorted shares as much as its ends do.
    return wellFormed(first.slice(0, commonLength(first, last)));
  });
}

function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}

/** Two characters outside the Basic Multilingual Plane may share their first half. */
function wellFormed(prefix: string): string {
  return prefix.isWellFormed() ? prefix : prefix.slice(0, -1);
}
