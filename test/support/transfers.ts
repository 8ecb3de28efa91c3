import type { Visit } from './gallery-stage.ts';

/** An answer that the page has got. */
export interface Transfer {
  url: string;
  /** Whether it came out of the browser's own cache: nothing went over the network. */
  isCached: boolean;
}

/**
 * The answers that the page has got from this origin since it was loaded itself: the list is emptied
 * with each document. Told by Chromium, since a page may not see the sizes of what other hosts send.
 */
export async function watchTransfers(
  { context, page }: Visit,
  origin: string,
): Promise<readonly Transfer[]> {
  const transfers: Transfer[] = [];
  const fromMemory = new Set<string>();
  // The page before goes on until the next one is there, and so do its answers.
  let currentLoader: string | null = null;
  const session = await context.newCDPSession(page);
  session.on('Network.requestWillBeSent', ({ type, loaderId }) => {
    if (type !== 'Document') return;
    currentLoader = loaderId;
    transfers.length = 0;
  });
  session.on('Network.requestServedFromCache', ({ requestId }) => fromMemory.add(requestId));
  session.on('Network.responseReceived', ({ requestId, loaderId, response }) => {
    if (loaderId !== currentLoader || !response.url.startsWith(`${origin}/`)) return;
    const isCached = response.fromDiskCache === true || fromMemory.has(requestId);
    transfers.push({ url: response.url, isCached });
  });
  await session.send('Network.enable');
  return transfers;
}
