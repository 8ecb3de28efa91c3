import type { ImageId } from '../../domain/image-id.ts';
import { createBackoff } from '../../shared/backoff.ts';
import type { ImageChanges } from '../../shared/image-changes.ts';
import type { ImageRecord, ImageRecords } from '../../shared/image-records.ts';
import type { Logger } from '../../shared/logger.ts';

/** Called with what is stored of an image; null where there is none, or none any more. */
export type OnImage = (id: ImageId, image: ImageRecord | null) => void;

/** What is stored of images that somebody watches, read once for all who do. */
export interface ImageFeed {
  /** Tells each of these images as it is now, then again after every change. Returns how to stop. */
  watch(ids: readonly ImageId[], onImage: OnImage): () => void;
  close(): void;
}

export interface ImageFeedDeps {
  changes: Pick<ImageChanges, 'listen'>;
  records: Pick<ImageRecords, 'findMany'>;
  logger: Logger;
}

const MAX_IDS_PER_QUERY = 1_000;

/**
 * Whatever there is to look at is a set of ids, in which an image is once however often it changes;
 * one reader empties it, so that a later answer is never older than an earlier one. What could not be
 * read stays in it: while the database is away nobody is told anything, and nothing is forgotten.
 */
export function makeImageFeed({ changes, records, logger }: ImageFeedDeps): ImageFeed {
  const watchers = new Map<ImageId, Set<OnImage>>();
  const unread = new Set<ImageId>();
  const stopping = new AbortController();
  const backoff = createBackoff(stopping.signal);
  let isReading = false;

  async function readOnce(): Promise<void> {
    const ids = [...unread].slice(0, MAX_IDS_PER_QUERY);
    for (const id of ids) unread.delete(id);
    const watched = ids.filter((id) => watchers.has(id));
    if (watched.length === 0) return;
    try {
      const found = await records.findMany(watched);
      backoff.succeeded();
      watched.forEach((id, index) => {
        for (const tell of watchers.get(id) ?? []) tell(id, found[index] ?? null);
      });
    } catch (error) {
      for (const id of watched) unread.add(id);
      backoff.failed();
      logger.warn({ err: error, failures: backoff.failures }, 'live.read_failed');
    }
  }

  async function readAll(): Promise<void> {
    while (unread.size > 0 && !stopping.signal.aborted) {
      await backoff.wait();
      await readOnce();
    }
    isReading = false;
  }

  function look(ids: Iterable<ImageId>): void {
    for (const id of ids) unread.add(id);
    if (isReading) return;
    isReading = true;
    // After all that comes in the same tick, such as the notices of one packet.
    queueMicrotask(readAll);
  }

  const listener = {
    onChange: (id: ImageId) => watchers.has(id) && look([id]),
    onGap: () => look(watchers.keys()),
  };

  return {
    watch(ids, onImage) {
      // First of all: what changes from now on is looked at after the change.
      for (const id of ids) watchers.set(id, (watchers.get(id) ?? new Set()).add(onImage));
      changes.listen(listener);
      look(ids);
      return () => {
        for (const id of ids) {
          const others = watchers.get(id);
          others?.delete(onImage);
          if (others?.size === 0) watchers.delete(id);
        }
      };
    },
    close: () => stopping.abort(),
  };
}
