import type { IncomingMessage } from 'node:http';

/**
 * Calls once the whole body has come, or as much as is taken in before somebody reads it. Reads
 * nothing, so whoever is called finds the request as it was. A request that breaks off before, or is
 * cut off by the server's time limit, is never passed on.
 */
export function whenBodyIsHere(request: IncomingMessage, then: () => void): void {
  if (!hasBody(request)) {
    then();
    return;
  }
  function look(): void {
    if (!request.complete && request.readableLength < request.readableHighWaterMark) return;
    request.off('readable', look);
    then();
  }
  request.on('readable', look);
}

export function hasBody({ headers }: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = headers;
  return encoding !== undefined || (length !== undefined && Number(length) > 0);
}
