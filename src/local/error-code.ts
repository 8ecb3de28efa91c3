/**
 * The code of a system or database error, e.g. `EADDRINUSE`; empty if it has none. Asks for no
 * class: under Jest, the errors of Node itself are no instances of a test's Error or Object.
 */
export function errorCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
