/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Changes a file in one of the ways in which files go bad, and says how. */
export function mutate(
  bytes: Buffer,
  others: Buffer[],
  random: () => number,
): { mutant: Buffer; how: string } {
  const below = (limit: number) => Math.floor(random() * limit);
  // Headers are a small part of a file, and the one where most goes wrong.
  const place = () => below(random() < 0.5 ? Math.min(bytes.length, 200) : bytes.length);
  const at = place();
  const length = 1 + below(random() < 0.5 ? 8 : bytes.length / 4);
  switch (below(7)) {
    case 0: {
      const mutant = Buffer.from(bytes);
      const flips = 1 + below(4);
      const places = Array.from({ length: flips }, place);
      for (const flip of places) mutant[flip] = (mutant[flip] ?? 0) ^ (1 << below(8));
      return { mutant, how: `flip at ${places}` };
    }
    case 1: {
      const mutant = Buffer.from(bytes);
      const value = [0, 0xff, 0x7f, 0x80, below(256)][below(5)] ?? 0;
      mutant[at] = value;
      return { mutant, how: `byte ${value} at ${at}` };
    }
    case 2:
      return { mutant: bytes.subarray(0, at), how: `end at ${at}` };
    case 3:
      return {
        mutant: Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]),
        how: `cut ${length} at ${at}`,
      };
    case 4:
      return {
        mutant: Buffer.concat([
          bytes.subarray(0, at),
          bytes.subarray(at, at + length),
          bytes.subarray(at),
        ]),
        how: `repeat ${length} at ${at}`,
      };
    case 5: {
      const mutant = Buffer.from(bytes);
      mutant.subarray(at, at + length).fill(0);
      return { mutant, how: `zero ${length} at ${at}` };
    }
    default: {
      const other = others[below(others.length)] ?? bytes;
      const from = below(other.length);
      return {
        mutant: Buffer.concat([
          bytes.subarray(0, at),
          other.subarray(from, from + length),
          bytes.subarray(at + (random() < 0.5 ? length : 0)),
        ]),
        how: `splice ${length} at ${at}`,
      };
    }
  }
}
