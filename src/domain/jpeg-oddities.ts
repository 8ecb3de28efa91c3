const START = 0xd8;
const END = 0xd9;
const SCAN = 0xda;
/** Baseline, extended sequential, and the latter with arithmetic coding. */
const SEQUENTIAL_FRAMES = [0xc0, 0xc1, 0xc9];
/** A sequential scan covers all coefficients, 0 to 63, in one go (ITU-T T.81, table B.3). */
const SEQUENTIAL_SCAN_PARAMETERS = [0, 63, 0];

/**
 * A copy of a JPEG without what cameras are known to write although the standard forbids it, and
 * strict decoders complain of: wrong parameters in sequential scan headers (Samsung), zeros as
 * padding before the end marker. So a decoder can stay strict with everything else. The copy is as
 * broken as the file is; a file without such oddities comes back as it was.
 */
export function withoutJpegOddities(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  let offset = 2;
  let sequential = false;
  while (offset + 4 <= copy.length && copy[offset] === 0xff) {
    const marker = copy[offset + 1] ?? 0;
    if (marker === END) return withoutZerosBefore(copy, offset);
    const length = ((copy[offset + 2] ?? 0) << 8) | (copy[offset + 3] ?? 0);
    const next = offset + 2 + length;
    if (marker === START || length < 2 || next > copy.length) return copy;
    if (SEQUENTIAL_FRAMES.includes(marker)) sequential = true;
    if (marker === SCAN) {
      if (sequential && length >= 6) copy.set(SEQUENTIAL_SCAN_PARAMETERS, next - 3);
      offset = nextMarker(copy, next);
    } else {
      offset = next;
    }
  }
  const atEnd = copy[offset] === 0xff && copy[offset + 1] === END;
  return atEnd ? withoutZerosBefore(copy, offset) : copy;
}

/** Where entropy-coded data ends: neither a stuffed zero nor a restart marker ends it. */
function nextMarker(bytes: Uint8Array, start: number): number {
  let offset = bytes.indexOf(0xff, start);
  while (offset >= 0 && offset + 1 < bytes.length) {
    const code = bytes[offset + 1] ?? 0;
    const isData = code === 0 || code === 0xff || (code >= 0xd0 && code <= 0xd7);
    if (!isData) return offset;
    offset = bytes.indexOf(0xff, offset + 1);
  }
  return bytes.length;
}

function withoutZerosBefore(bytes: Uint8Array, marker: number): Uint8Array {
  let end = marker;
  while (end > 0 && bytes[end - 1] === 0) end -= 1;
  if (end === marker) return bytes;
  // A stuffed zero belongs to the 0xff before it.
  if (bytes[end - 1] === 0xff) end += 1;
  bytes.copyWithin(end, marker);
  return bytes.subarray(0, bytes.length - (marker - end));
}
