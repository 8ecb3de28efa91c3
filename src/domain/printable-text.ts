/**
 * What is wrong with a text that is kept as given and only ever shown; null where nothing is.
 *
 * @param maxCharacters in Unicode code points, so that an emoji is one character
 */
export function problemOfText(text: string, maxCharacters: number): string | null {
  if (text.length === 0) return 'must not be empty';
  if ([...text].length > maxCharacters) return `must be at most ${maxCharacters} characters long`;
  if (/\p{Cc}/u.test(text)) return 'must not contain control characters';
  // Half of a surrogate pair has no UTF-8 form, so the database could not give it back as given.
  return text.isWellFormed() ? null : 'must be well-formed Unicode';
}
