import { makeImageFeed } from '../features/live/image-feed.ts';
import { makeWatchImages, type WatchImages } from '../features/live/watch-images.ts';
import type { ApiConfig } from '../shared/config.ts';
import { createImageChanges } from '../shared/image-changes.ts';
import type { ApiDeps } from './deps.ts';

export interface Live {
  watchImages: WatchImages;
  /** After the last stream has ended. */
  close(): Promise<void>;
}

/** Live status: one listening connection and one reader for all streams of this process. */
export function createLive(
  config: Pick<ApiConfig, 'DATABASE_URL' | 'DATABASE_LISTEN_URL' | 'LIVE_MAX_IDS'>,
  { records, logger }: Pick<ApiDeps, 'records' | 'logger'>,
): Live {
  const databaseUrl = config.DATABASE_LISTEN_URL ?? config.DATABASE_URL;
  const changes = createImageChanges({ databaseUrl, logger });
  const feed = makeImageFeed({ changes, records, logger });
  return {
    watchImages: makeWatchImages({ feed, maxIds: config.LIVE_MAX_IDS }),
    async close() {
      feed.close();
      await changes.close();
    },
  };
}
