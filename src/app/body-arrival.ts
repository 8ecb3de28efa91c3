import type { IncomingMessage } from 'node:http';

/**
 * Calls `here` once the whole body has come, or as much as is taken in before somebody reads it. Reads
 * nothing, so whoever is called finds the request as it was. Calls `brokenOff` instead when the
 * client has hung up before, or was cut off by the server's time limit.
 */
export function whenBodyIsHere(
  request: IncomingMessage,
  { here, brokenOff }: { here(): void; brokenOff(): void },
): void {
  if (!hasBody(request)) {
    here();
    return;
  }
  function look(): void {
    if (!request.complete && request.readableLength < request.readableHighWaterMark) return;
    settle(here);
  }
  const abort = () => settle(brokenOff);
  function settle(tell: () => void): void {
    request.off('readable', look).off('aborted', abort);
    tell();
  }
  // Before the response is closed, unlike `close`: it can still be logged.
  request.on('readable', look).on('aborted', abort);
}

export function hasBody({ headers }: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = headers;
  return encoding !== undefined || (length !== undefined && Number(length) > 0);
}
