import { DomainError } from './domain-error.ts';
import { problemOfText } from './printable-text.ts';

/** Counted in Unicode code points, so that an emoji is one character. */
export const MAX_FILE_NAME_CHARACTERS = 255;

/**
 * A file name is kept as given and only ever shown, so all it must be is storable and printable.
 * Throws DomainError("INVALID_FILE_NAME").
 */
export function assertFileName(fileName: string): void {
  const problem = fileNameProblem(fileName);
  if (problem) throw new DomainError('INVALID_FILE_NAME', `file name ${problem}`, 'fileName');
}

/** What is wrong with a text as a file name, or as a part of one; null when nothing is. */
export function fileNameProblem(text: string): string | null {
  return problemOfText(text, MAX_FILE_NAME_CHARACTERS);
}
