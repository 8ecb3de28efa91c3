import { DomainError } from './domain-error.ts';

/** Counted in Unicode code points, so that an emoji is one character. */
export const MAX_FILE_NAME_CHARACTERS = 255;

/**
 * A file name is kept as given and only ever shown, so all it must be is storable and printable.
 * Throws DomainError("INVALID_FILE_NAME").
 */
export function assertFileName(fileName: string): void {
  if (fileName.length === 0) throw invalid('must not be empty');
  if ([...fileName].length > MAX_FILE_NAME_CHARACTERS) {
    throw invalid(`must be at most ${MAX_FILE_NAME_CHARACTERS} characters long`);
  }
  if (/\p{Cc}/u.test(fileName)) throw invalid('must not contain control characters');
  // Half of a surrogate pair has no UTF-8 form, so the database could not give it back as given.
  if (!fileName.isWellFormed()) throw invalid('must be well-formed Unicode');
}

function invalid(problem: string): DomainError {
  return new DomainError('INVALID_FILE_NAME', `file name ${problem}`, 'fileName');
}
