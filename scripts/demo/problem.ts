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
  if (!(error instanceof Error)) return oneLine(String(error));
  if (error instanceof Problem) return oneLine(error.message);
  if (error.name === 'TimeoutError') return 'no answer in time';
  const code = codeOf(error) ?? codeOf(error.cause);
  const meaning = code === undefined ? undefined : MEANING_OF_CODE[code];
  if (meaning !== undefined) return meaning;
  // fetch() says only "fetch failed" and keeps the reason in its cause.
  const reason = error.cause instanceof Error ? error.cause.message : '';
  return oneLine(reason || error.message || code || error.name);
}

/** Other people's text must not move the cursor, change colours, reorder or break the line. */
export function oneLine(text: string): string {
  return text
    .replace(/\s+/gu, ' ')
    .replace(/[\p{Cc}\p{Bidi_Control}]/gu, '\uFFFD')
    .trim();
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
