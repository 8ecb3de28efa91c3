import { pino } from 'pino';

export type { Logger } from 'pino';

/**
 * JSON lines on standard output. Errors carry their stack here and only here; what could be a
 * credential is masked.
 */
export function createLogger(options: { level: string; name: string }) {
  return pino({
    name: options.name,
    level: options.level,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: ['*.authorization', '*.cookie', 'password', '*.password'],
      censor: '[redacted]',
    },
    serializers: { err: serializeError },
  });
}

/** Query parameters that make a URL a bearer token. */
const SECRET_PARAMETERS =
  /([?&](?:Signature|Policy|Key-Pair-Id|X-Amz-Signature|X-Amz-Credential|X-Amz-Security-Token|token|access_token)=)[^&#\s"']*/gi;

/** The same text with the signatures of any URL in it masked. */
export function redactSignatures(textWithUrls: string): string {
  return textWithUrls.replace(SECRET_PARAMETERS, '$1[redacted]');
}

/** The user information of a URL: `postgresql://user:password@host`. */
const URL_CREDENTIALS = /\/\/[^\s/@]+@/g;

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
