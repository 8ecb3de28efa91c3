import { type DestinationStream, pino } from 'pino';

export type { Logger } from 'pino';

/**
 * JSON lines on standard output. Errors carry their stack here and only here, and what makes a URL
 * a credential is masked in them.
 *
 * @param options.destination where lines go instead of standard output
 */
export function createLogger(options: {
  level: string;
  name: string;
  destination?: DestinationStream;
}) {
  return pino(
    {
      name: options.name,
      level: options.level,
      timestamp: () => `,"time":"${isoTime(Date.now())}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serializeError },
    },
    // Synchronous: an asynchronous one loops forever at exit when nobody reads the pipe any more,
    // and loses the last lines of a crash, which are the ones that matter.
    options.destination ?? pino.destination({ fd: 1, sync: true }),
  );
}

let lastSecond = { second: Number.NaN, text: '' };

/** `toISOString`, which takes ten times as long to write a whole date as to write its milliseconds. */
function isoTime(milliseconds: number): string {
  const second = Math.floor(milliseconds / 1000);
  if (second !== lastSecond.second) {
    const text = new Date(second * 1000).toISOString().slice(0, -'000Z'.length);
    lastSecond = { second, text };
  }
  return `${lastSecond.text}${String(milliseconds - second * 1000).padStart(3, '0')}Z`;
}

/** Query parameters that make a URL a bearer token. */
const SECRET_PARAMETERS =
  /([?&](?:Signature|Policy|Key-Pair-Id|X-Amz-Signature|X-Amz-Credential|X-Amz-Security-Token|token|access_token)=)[^&#\s"']*/gi;

/** The same text with the signatures of any URL in it masked. */
export function redactSignatures(textWithUrls: string): string {
  // Nearly every path has none; looking for a character is a fifth of looking for the pattern.
  if (!textWithUrls.includes('=')) return textWithUrls;
  return textWithUrls.replace(SECRET_PARAMETERS, '$1[redacted]');
}

/** The user information of a URL: `postgresql://user:password@host`. */
const URL_CREDENTIALS = /\/\/[^\s/]+@/g;

function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const clean = (value: string) =>
    redactSignatures(value).replace(URL_CREDENTIALS, '//[redacted]@');
  return {
    type: error.name,
    message: clean(error.message),
    stack: clean(error.stack ?? ''),
    ...('code' in error && { code: error.code }),
    ...(error.cause !== undefined && { cause: serializeError(error.cause) }),
  };
}
