import type { Environment } from '../environment.ts';
import { chunks } from '../state/chunks.ts';
import { MAX_IDS } from './api.ts';
import { DeleteImages } from './documents.graphql.ts';

/**
 * Sends deletions in such a way that they arrive although the page is gone. Browsers take 64 KB of
 * those altogether, which is some 1,500 ids; what is beyond stays undeleted.
 */
export function deleteOnLeave(env: Pick<Environment, 'fetch' | 'baseUrl'>, ids: string[]): void {
  const query = DeleteImages.toString();
  for (const batch of chunks(ids, MAX_IDS)) {
    const sent = env.fetch(new URL('graphql', env.baseUrl), {
      method: 'POST',
      keepalive: true,
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query, variables: { ids: batch } }),
    });
    // Nobody is left to be told.
    sent.catch(() => {});
  }
}
