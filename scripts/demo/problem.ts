/** Something that went wrong with one file or with the whole run, in words for the person who ran it. */
export class Problem extends Error {
  override readonly name = 'Problem';
}

const MEANING_OF_CODE: Record<string, string> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection lost',
  EPIPE: 'connection lost',
  UND_ERR_SOCKET: 'connection lost',
  ENOTFOUND: 'unknown host',
  EAI_AGAIN: 'the host name cannot be looked up',
  ETIMEDOUT: 'connection timed out',
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
};

/** Any error as a few words on one line, never its stack. */
export function describeProblem(error: unknown): string {
  if (error instanceof Problem) return oneLine(error.message);
  if (textOf(error, 'name') === 'TimeoutError') return 'no answer in time';
  // fetch() says only "fetch failed" and keeps the reason in its cause.
  const cause = isObject(error) && 'cause' in error ? error.cause : undefined;
  const code = textOf(error, 'code') ?? textOf(cause, 'code');
  const meaning = code === undefined ? undefined : MEANING_OF_CODE[code];
  return (
    meaning ??
    oneLine(textOf(cause, 'message') || textOf(error, 'message') || code || 'something went wrong')
  );
}

/** Other people's text must not move the cursor, change colours, reorder or break the line. */
export function oneLine(text: string): string {
  return text
    .replace(/\s+/gu, ' ')
    .replace(/[\p{Cc}\p{Bidi_Control}]/gu, '\uFFFD')
    .trim();
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** A text property of an error; not every error is an `Error` (another realm's, a DOMException). */
function textOf(error: unknown, property: 'code' | 'message' | 'name'): string | undefined {
  if (!isObject(error)) return undefined;
  const value: unknown = Reflect.get(error, property);
  return typeof value === 'string' ? value : undefined;
}
