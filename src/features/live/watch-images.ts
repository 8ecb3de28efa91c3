import { DomainError } from '../../domain/domain-error.ts';
import { type ImageId, isImageId } from '../../domain/image-id.ts';
import type { ImageStatus } from '../../domain/image-status.ts';
import type { ImageRecord } from '../../shared/image-records.ts';
import type { ImageFeed } from './image-feed.ts';
import { createInbox, type Inbox } from './inbox.ts';

export interface WatchImagesDeps {
  feed: Pick<ImageFeed, 'watch'>;
  /** How many ids one list may have. */
  maxIds: number;
}

/** Images as they change. `return()` ends it at once, also while `next()` waits. */
export type ImageStream = AsyncIterableIterator<ImageRecord, undefined>;
export type WatchImages = (ids: readonly string[]) => ImageStream;

/**
 * The images with these ids, those there are, as they are now, then each again when its status
 * changes; ends when none can change any more. A reader that is slow is told the latest only. Throws
 * DomainError("EMPTY_ID_LIST", "TOO_MANY_IDS").
 */
export function makeWatchImages({ feed, maxIds }: WatchImagesDeps): WatchImages {
  return (ids) => {
    if (ids.length === 0) {
      throw new DomainError('EMPTY_ID_LIST', 'at least one id is required', 'ids');
    }
    if (ids.length > maxIds) {
      throw new DomainError('TOO_MANY_IDS', `at most ${maxIds} ids are allowed`, 'ids');
    }
    // Text that is no ULID cannot be the id of anything.
    const watched = new Set(ids.filter(isImageId));
    const news = createInbox<ImageId, ImageRecord | null>();
    const unwatch = feed.watch([...watched], news.put);
    const changes = changesIn(news, watched);

    function stop(): void {
      unwatch();
      news.close();
    }

    return {
      async next() {
        const result = await changes.next();
        if (result.done) stop();
        return result;
      },
      async return() {
        stop();
        return changes.return(undefined);
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  };
}

async function* changesIn(
  news: Inbox<ImageId, ImageRecord | null>,
  watched: ReadonlySet<ImageId>,
): AsyncGenerator<ImageRecord, undefined> {
  const unsettled = new Set(watched);
  const told = new Map<ImageId, ImageStatus>();
  while (unsettled.size > 0) {
    const item = await news.take();
    if (!item) return;
    const [id, image] = item;
    if (!unsettled.has(id)) continue;
    if (image?.status !== 'pending') unsettled.delete(id);
    if (image && image.status !== told.get(id)) {
      told.set(id, image.status);
      yield image;
    }
  }
}
