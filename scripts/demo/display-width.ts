const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Scripts that terminals draw two columns wide (Unicode Standard Annex #11, "East Asian Width"). */
const WIDE =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
const HALF_WIDE = /^[\uff61-\uffdc]/u;
const EMOJI = /^\p{Emoji_Presentation}|^\p{Emoji}\ufe0f/u;
const INVISIBLE = /^[\p{Mark}\p{Cf}\p{Cc}]+$/u;

/** How many columns of a terminal a text takes; accents and joined emoji are one character each. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) {
    if (INVISIBLE.test(segment)) continue;
    const isWide = EMOJI.test(segment) || (WIDE.test(segment) && !HALF_WIDE.test(segment));
    width += isWide ? 2 : 1;
  }
  return width;
}

/** Fills up to a width in columns, on the right or, for numbers, on the left. */
export function pad(text: string, width: number, side: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return side === 'left' ? space + text : text + space;
}
