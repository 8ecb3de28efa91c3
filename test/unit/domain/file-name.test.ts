import { expect, test } from '@jest/globals';
import { DomainError } from '../../../src/domain/domain-error.ts';
import { assertFileName, MAX_FILE_NAME_CHARACTERS } from '../../../src/domain/file-name.ts';

test.each([
  ['one character', 'a'],
  ['255 letters', 'x'.repeat(MAX_FILE_NAME_CHARACTERS)],
  ['255 emoji, two UTF-16 units each', '🦊'.repeat(MAX_FILE_NAME_CHARACTERS)],
  ['a space', ' '],
  ['a path', '../../etc/passwd'],
  ['HTML', '<img src=x onerror=alert(1)>'],
  ['right-to-left text', 'תמונה.png'],
  ['a zero-width joiner', '👩‍👩‍👧.png'],
  ['a combining accent', 'e\u0301.png'],
  ['quotes and backslashes', `"'\\`],
])('%s is fine', (_what, fileName) => {
  expect(() => assertFileName(fileName)).not.toThrow();
});

const CONTROL = 'file name must not contain control characters';
const TOO_LONG = 'file name must be at most 255 characters long';
const MALFORMED = 'file name must be well-formed Unicode';

test.each([
  ['nothing', '', 'file name must not be empty'],
  ['256 letters', 'x'.repeat(256), TOO_LONG],
  ['256 emoji', '🦊'.repeat(256), TOO_LONG],
  ['a NUL', 'a\0', CONTROL],
  ['a tab', 'a\tb', CONTROL],
  ['a line feed at the end', 'a\n', CONTROL],
  ['a carriage return', '\ra', CONTROL],
  ['an escape', '\u001b[31m', CONTROL],
  ['the last of C0', '\u001f', CONTROL],
  ['a delete', '\u007f', CONTROL],
  ['the first of C1', '\u0080', CONTROL],
  ['the last of C1', '\u009f', CONTROL],
  ['a high surrogate', 'a\ud83d', MALFORMED],
  ['a low surrogate', '\udd8a', MALFORMED],
  ['a pair the wrong way round', '\udd8a\ud83d', MALFORMED],
])('%s is not', (_what, fileName, message) => {
  expect(() => assertFileName(fileName)).toThrow(
    new DomainError('INVALID_FILE_NAME', message, 'fileName'),
  );
});

test('the refusal has a code and names its field', () => {
  try {
    assertFileName('');
    throw new Error('was not refused');
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_FILE_NAME', field: 'fileName' });
  }
});
