/**
 * Control, formatting and separator characters of other people's text must not move the cursor,
 * change colours or reorder the line. Written as JSON writes them, so that JSON stays the same.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escapeUnits);
}

/** The same for text of several lines, whose line ends stay. */
export function printableLines(text: string): string {
  return text.replace(/\r\n/g, '\n').split('\n').map(printable).join('\n');
}

function escapeUnits(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('');
}
