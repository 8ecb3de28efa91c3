/**
 * S3 lists keys by their UTF-8 bytes; JavaScript compares UTF-16 units, and puts surrogates
 * (emoji) before U+E000..U+FFFF. Moving the surrogates behind those makes both orders one.
 */
function rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}

/** Compares as `Buffer.compare` of the UTF-8 bytes would, without making any. */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}
